-- The question bank of unit bigdata: 32 items, 8 for each of its competencies.
-- README.md beside this folder describes the fields.  Items with make(rng) draw
-- their numbers; what is right and what each slip leads to is computed here.

local DAY = 86400

-- 4 800, 1 742.4: groups of three, so that no separator can be misread.
local function show(x, places)
  local s = ("%." .. (places or 0) .. "f"):format(x)
  local whole, rest = s:match("^(%d+)(.*)$")
  local from = #whole % 3
  local parts = { from > 0 and whole:sub(1, from) or nil }
  for i = from + 1, #whole, 3 do
    parts[#parts + 1] = whole:sub(i, i + 2)
  end
  return table.concat(parts, " ") .. rest
end

-- Slips that lead somewhere else than the answer; by luck of the draw a slip
-- may lead to it, and is then no slip.
local function misses(answer, list)
  local out = {}
  for _, m in ipairs(list) do
    if math.abs(m.value - answer) > 0.08 * math.max(answer, m.value) then
      out[#out + 1] = m
    end
  end
  return out
end

-- Options from the right text and from slips; equal texts are left out.
local function choices(right, why, slips)
  local seen = { [right] = true }
  local out = { { text = right, right = true, why = why } }
  for _, o in ipairs(slips) do
    if not seen[o.text] and #out < 4 then
      seen[o.text] = true
      out[#out + 1] = o
    end
  end
  return out
end

local function sum(list)
  local n = 0
  for _, x in ipairs(list) do
    n = n + x
  end
  return n
end

return {
  format_version = 1,
  checked_on = "2026-11-22",

  beliefs = {
    ["span-missing"] = "An amount says something without its time span.",
    ["mean-is-enough"] = "A system that is built for the mean is built for \z
      the peak.",
    ["number-travels"] = "A measured rate holds for other record sizes, other \z
      promises and other machines.",
    ["adjective-measures"] = "An adjective such as fast or mixed is a \z
      measurement.",
    ["mean-of-means"] = "Means of groups may be averaged without their sizes.",
    ["one-for-all"] = "One partition, or one broker, stands for all of them.",
    ["total-is-rate"] = "A total that was read once is a rate.",
    ["count-not-share"] = "The largest count is the largest share.",
    ["copies-forgotten"] = "The copies need no room and no network.",
    ["copies-twice"] = "Data is divided among the brokers once more, although \z
      each holds what it shows.",
    ["headroom-forgotten"] = "Disks may be filled to the last byte.",
    ["headroom-added"] = "Filling to 70 % means buying 30 % more.",
    ["bits-are-bytes"] = "A network's bits are bytes.",
    ["binary-is-decimal"] = "GiB and GB are the same.",
    ["day-is-hour"] = "The time span of a number need not be watched.",
    ["readers-cost-disk"] = "Each reader needs a copy of its own on disk.",
    ["readers-are-free"] = "Reading costs nothing, because it removes nothing.",
    ["partitions-shrink-data"] = "More partitions, or larger disks, make the \z
      data smaller.",
    ["speed-not-spare"] = "A reader catches up at its full speed, while new \z
      records wait.",
    ["group-broadcasts"] = "Every member of a group gets every record.",
    ["reading-removes"] = "A record that was read is gone, or on its way.",
    ["retention-by-record"] = "Retention removes each record when its time is \z
      up.",
    ["retention-by-need"] = "Retention waits until the space is needed.",
    ["position-from-start"] = "A group begins at the start wherever it has no \z
      position.",
    ["position-at-end"] = "A group that starts again begins at the end.",
    ["position-lost"] = "A group that starts again has forgotten its \z
      positions.",
    ["log-rewrites"] = "Offsets or records change when somebody reads \z
      differently.",
    ["end-is-lag"] = "The end offset is the lag.",
    ["position-is-lag"] = "The committed offset is the lag.",
    ["all-is-every-replica"] = "acks=all waits for every replica of the \z
      topic.",
    ["floor-is-reached"] = "An acknowledgement of all in sync means one copy, \z
      whatever the floor.",
    ["ack-means-disk"] = "An acknowledgement says that the record is on disk.",
    ["ack-means-read"] = "An acknowledgement says something about readers.",
    ["ack-means-once"] = "An acknowledgement says that the record is there \z
      once.",
    ["no-ack-no-write"] = "No acknowledgement means that nothing was written.",
    ["broker-knows-repeats"] = "A broker recognises a repeated record by \z
      itself.",
    ["shorter-window"] = "A fault that becomes rarer is repaired.",
    ["commit-first-is-safe"] = "Committing early is the safe side.",
    ["kafka-reaches-out"] = "Kafka's transactions cover a database outside.",
    ["under-replicated-refuses"] = "A partition that lacks a copy refuses \z
      writes.",
  },

  items = {

    -- --- bigdata.five-vs ----------------------------------------------------

    { id = "bigdata.five-vs.four-gigabytes", kind = "recall", level = 1,
      competencies = { ["bigdata.five-vs"] = 1 },
      stem = "A status report says: \"The platform takes in 4 GB.\" Somebody \z
        wants to know whether a link of 1 MB/s is enough. What is missing \z
        first?",
      options = {
        { text = "The time span in which the 4 GB come", right = true,
          why = "4 GB a day is 46 kB/s, 4 GB an hour is 1.1 MB/s: the span \z
            decides." },
        { text = "The replication factor of the topics",
          belief = "copies-forgotten",
          why = "Copies travel between the brokers. What comes in by the link \z
            comes once, and is no rate yet." },
        { text = "Whether GB or GiB are meant",
          belief = "binary-is-decimal",
          why = "They differ by 7 %. An hour and a day differ by 24 times." },
        { text = "The number of topics",
          belief = "span-missing",
          why = "However the data is divided, an amount without a time span \z
            cannot be compared with a rate." },
      },
      explain = "A velocity is an amount and a span. Write the span beside \z
        every number.",
      source = "Lesson bigdata/five-vs, section Five units, five instruments",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.five-vs.reconnect", kind = "choose", level = 1,
      competencies = { ["bigdata.five-vs"] = 0.6,
                       ["bigdata.capacity"] = 0.4 },
      stem = "A fleet sends 5 000 records/s on average. When its gateways \z
        reconnect after an outage they send 50 000 records/s for some \z
        minutes; they cannot hold back. Which rate do you build the brokers \z
        for?",
      options = {
        { text = "50 000 records/s", right = true,
          why = "The peak arrives whether or not it was planned for, and it \z
            arrives after an outage, when nobody wants another." },
        { text = "5 000 records/s, because a log smooths peaks",
          belief = "mean-is-enough",
          why = "A log lets readers take their time. The brokers have to \z
            append what comes, when it comes." },
        { text = "6 500 records/s: the mean and 30 % headroom",
          belief = "mean-is-enough",
          why = "Headroom on a mean covers small swings, not ten times." },
        { text = "27 500 records/s: the middle of the two",
          belief = "mean-of-means",
          why = "The middle is a rate that never occurs." },
      },
      explain = "Write the peak beside the mean. The mean sizes the disks, \z
        the peak sizes what has to keep up.",
      source = "Lesson bigdata/five-vs, section Five units, five instruments",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.five-vs.two-million", kind = "choose", level = 1,
      competencies = { ["bigdata.five-vs"] = 0.7,
                       ["bigdata.capacity"] = 0.3 },
      stem = "You plan for 300 000 records/s of 1 000 bytes with acks=all. A \z
        colleague cites a test: 2 024 032 records/s on three brokers \z
        together, with records of 100 bytes and acks=1. What does the test \z
        say about your plan?",
      options = {
        { text = "Too little to decide: size and promise differ. Measure \z
            with your own records", right = true,
          why = "The test moved 202 MB/s, your plan 300 MB/s, and each of \z
            your records waits for copies." },
        { text = "One broker is enough: 2 million is more than 300 000",
          belief = "one-for-all",
          why = "The rate was that of three brokers together, and of records \z
            a tenth as large." },
        { text = "One broker is enough: 675 000 a broker is still more",
          belief = "number-travels",
          why = "A third of the test is right for one broker, but of records \z
            of 100 bytes, acknowledged before a second broker had them." },
        { text = "Three brokers are enough, with 6.7 times to spare",
          belief = "number-travels",
          why = "In bytes there is nothing to spare: 300 MB/s against 202 \z
            MB/s." },
      },
      explain = "Ask of every figure: of what size, on how many machines, \z
        with which promise?",
      source = "Kreps, Benchmarking Apache Kafka, LinkedIn Engineering 2014; \z
        lesson bigdata/five-vs, section A claim to check by units",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.five-vs.can-be-wrong", kind = "many", level = 1,
      competencies = { ["bigdata.five-vs"] = 1 },
      stem = "Five sentences from the description of a platform. Which of \z
        them could be shown to be wrong tomorrow, by reading an instrument?",
      options = {
        { text = "Topic readings grows by 83 GB a day.", right = true,
          why = "df on the brokers, read twice, says so or not." },
        { text = "1.5 % of the readings fail the range check.", right = true,
          why = "Two counters, good and bad, decide." },
        { text = "After a reconnect the gateways send at most 50 000 \z
            records/s.", right = true,
          why = "End offsets read every second show the peak." },
        { text = "Data arrives in real time.",
          belief = "adjective-measures",
          why = "No delay is named, so none can be too long." },
        { text = "The data is of high variety.",
          belief = "adjective-measures",
          why = "How many shapes, and with which share? High is no number." },
      },
      explain = "A sentence with a unit and an instrument can be wrong, and \z
        therefore can be relied on.",
      source = "Lesson bigdata/five-vs, opening and section Five units, five \z
        instruments",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.five-vs.instruments", kind = "match", level = 1,
      competencies = { ["bigdata.five-vs"] = 1 },
      stem = "Five complaints reach you on Monday. Which instrument do you \z
        read first for each?",
      pairs = {
        { left = "The brokers' disks will not last until the end of the month",
          right = "df on each broker",
          why = "Volume: bytes kept, and how long." },
        { left = "Since Friday the fleet seems to send more often",
          right = "end offsets, read twice",
          why = "Velocity: the difference divided by the seconds between." },
        { left = "A parser that ran for a year meets fields it does not know",
          right = "a counter by schema and version",
          why = "Variety: which shapes arrive, and the share of each." },
        { left = "Averages on the dashboard are impossible for this machine",
          right = "counters of good, bad, late and repeated records",
          why = "Veracity: the share that fails a rule." },
        { left = "Nobody can say why we still keep topic trial-3",
          right = "the bill, beside the list of readers",
          why = "Value: money for each question that is answered." },
      },
      explain = "Each V has a unit, and each unit an instrument. The \z
        complaint names the V.",
      source = "Lesson bigdata/five-vs, table of five instruments",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.five-vs.rates-add", kind = "number", level = 1,
      competencies = { ["bigdata.five-vs"] = 0.7,
                       ["bigdata.capacity"] = 0.3 },
      make = function(rng)
        local a, pa = rng:int(20, 60) * 1000, rng:pick{ 30, 60 }
        local b, pb = rng:int(4, 15) * 1000, rng:pick{ 5, 10 }
        local right = a / pa + b / pb
        return {
          stem = ("%s house meters send a reading every %d s, %s station \z
            meters one every %d s. How many records a second arrive?")
            :format(show(a), pa, show(b), pb),
          unit = "records/s", tolerance = 0.02, answer = right,
          misses = misses(right, {
            { value = (a + b) / ((pa + pb) / 2), belief = "mean-of-means",
              why = "That takes the mean of the two periods. Rates add, \z
                periods do not." },
            { value = (a + b) / pa, belief = "one-for-all",
              why = "That gives all meters the period of the house meters." },
            { value = (a + b) / pb, belief = "one-for-all",
              why = "That gives all meters the period of the station \z
                meters." },
            { value = right * 60, belief = "day-is-hour",
              why = "That many arrive in a minute." },
          }),
          explain = ("%s / %d s = %s and %s / %d s = %s; together %s \z
            records/s."):format(show(a), pa, show(a / pa), show(b), pb,
            show(b / pb), show(right)),
        }
      end,
      source = "Lesson bigdata/five-vs, section One fleet, worked through; \z
        exercise bigdata.five-vs, debrief",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.five-vs.offsets-twice", kind = "choose", level = 1,
      competencies = { ["bigdata.five-vs"] = 0.6,
                       ["bigdata.log-model"] = 0.4 },
      reads_screen = true,
      make = function(rng)
        local gap = rng:pick{ 30, 60, 120 }
        local from, by, before, after = {}, {}, {}, {}
        for i = 1, 3 do
          from[i] = rng:int(200, 900) * 1000 + rng:int(0, 999)
          by[i] = rng:int(40, 140) * gap
          before[i] = ("readings:%d:%d"):format(i - 1, from[i])
          after[i] = ("readings:%d:%d"):format(i - 1, from[i] + by[i])
        end
        local right = sum(by) / gap
        local function per_s(x) return show(x) .. " records/s" end
        return {
          stem = ("The tool that shows end offsets was run twice, %d s \z
            apart. How fast does the topic grow?"):format(gap),
          screen = "$ kafka-get-offsets.sh ... --topic readings\n"
            .. table.concat(before, "\n") .. "\n$ sleep " .. gap
            .. "\n$ kafka-get-offsets.sh ... --topic readings\n"
            .. table.concat(after, "\n"),
          options = choices(per_s(right), "The three partitions grew by "
              .. show(sum(by)) .. " records in " .. gap .. " s.", {
            { text = per_s(by[1] / gap), belief = "one-for-all",
              why = "That is partition 0 alone." },
            { text = per_s(sum(by)), belief = "day-is-hour",
              why = "That is the growth in " .. gap .. " s, not in one." },
            { text = per_s((sum(from) + sum(by)) / gap),
              belief = "total-is-rate",
              why = "End offsets count from the beginning of the log. Only \z
                their growth belongs to the interval." },
          }),
          explain = "Velocity is the growth of the end offsets of all \z
            partitions, divided by the seconds between the two readings.",
        }
      end,
      source = "Lesson bigdata/five-vs, section Try it; Apache Kafka 3.9, \z
        tool kafka-get-offsets.sh",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.five-vs.bad-version", kind = "choose", level = 1,
      competencies = { ["bigdata.five-vs"] = 1 }, reads_screen = true,
      make = function(rng)
        local names = { "v1", "v2", "v3" }
        local large = rng:int(1, 3)
        local guilty = large % 3 + 1
        local still = guilty % 3 + 1
        local n, bad = {}, {}
        n[large], n[guilty] = rng:int(700, 900) * 1000, rng:int(50, 80) * 1000
        n[still] = rng:int(200, 300) * 1000
        local was, is = {}, {}
        was[large], was[guilty], was[still] = 0.012, 0.01, 0.03
        is[large], is[guilty], is[still] = 0.012, rng:int(8, 11) / 100, 0.03
        local rows = { "version   records  bad before noon  bad after noon" }
        for i = 1, 3 do
          bad[i] = math.floor(n[i] * is[i])
          rows[#rows + 1] = ("%-7s %9d  %15d  %14d"):format(names[i], n[i],
            math.floor(n[i] * was[i]), bad[i])
        end
        return {
          stem = "The rate is level, but the share of bad readings rose at \z
            noon. The table has the records of each firmware version in the \z
            four hours before and in the four hours after (records came \z
            equally often in both), and how many were bad. Where do you look \z
            first?",
          screen = table.concat(rows, "\n"),
          options = {
            { text = "Version " .. names[guilty], right = true,
              why = ("Its bad share went from 1 %% to %d %%; those of the \z
                others did not move."):format(math.floor(is[guilty] * 100
                + 0.5)) },
            { text = "Version " .. names[large], belief = "count-not-share",
              why = "It has most records, and therefore many bad ones, but \z
                as many as before noon." },
            { text = "Version " .. names[still], belief = "count-not-share",
              why = "Its share of bad readings is high, and was before noon: \z
                it explains the level, not the rise." },
            { text = "No version: the whole fleet got worse",
              belief = "mean-of-means",
              why = "The share of the whole rose because one part of it did." },
          },
          explain = "A change is found where something changed. Veracity \z
            shows that it happened, variety which part brought it.",
        }
      end,
      source = "Lesson bigdata/five-vs, Check yourself 3",
      lesson = "bigdata/five-vs" },

    -- --- bigdata.capacity ----------------------------------------------------

    { id = "bigdata.capacity.fill-share", kind = "choose", level = 1,
      competencies = { ["bigdata.capacity"] = 1 },
      make = function(rng)
        local data, fill = rng:int(40, 95) * 20, rng:pick{ 0.7, 0.8 }
        local percent = math.floor(fill * 100 + 0.5)
        local function gb(x) return show(x) .. " GB" end
        return {
          stem = ("A topic will hold %s on the disks of all brokers together, \z
            copies counted. Disks are to be filled to %d %% at most. How much \z
            disk do you buy?"):format(gb(data), percent),
          options = choices(gb(data / fill), ("%s is then %d %% of the \z
              disk."):format(gb(data), percent), {
            { text = gb(data * (2 - fill)), belief = "headroom-added",
              why = ("With %d %% more the disks would be %d %% full.")
                :format(100 - percent, math.floor(100 / (2 - fill) + 0.5)) },
            { text = gb(data), belief = "headroom-forgotten",
              why = "The disks would be full when the plan holds exactly, and \z
                a full broker stops." },
            { text = gb(3 * data / fill), belief = "copies-twice",
              why = "The copies are counted in the amount already." },
          }),
          explain = ("Disk = data / %.1f. Dividing asks what the data may be a \z
            part of; adding asks something else."):format(fill),
        }
      end,
      source = "Lesson bigdata/five-vs, Volume; exercise bigdata.five-vs, \z
        debrief",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.capacity.fifth-group", kind = "predict", level = 1,
      competencies = { ["bigdata.capacity"] = 0.7,
                       ["bigdata.log-model"] = 0.3 },
      stem = "Four groups of readers take everything from a topic with \z
        replication factor 3. A fifth group starts, at the end of the log. \z
        What grows on the brokers?",
      options = {
        { text = "What they send: once more the rate that comes in",
          right = true,
          why = "Each group takes every record over the network." },
        { text = "What they store: one more copy",
          belief = "readers-cost-disk",
          why = "A group has positions, one number for each partition. It has \z
            no copy." },
        { text = "Nothing: reading removes nothing, so it costs nothing",
          belief = "readers-are-free",
          why = "The log stays the same, but its bytes are sent again." },
        { text = "What they receive: the readers' requests are as large as \z
            the data",
          belief = "copies-forgotten",
          why = "A fetch asks with a few bytes. The answer is what is large, \z
            and brokers send it." },
      },
      explain = "Sent = (copies - 1 + groups) x rate. Here it goes from \z
        (2 + 4) to (2 + 5) times the rate. Readers, not writers, fill the \z
        network.",
      source = "Lesson bigdata/five-vs, Velocity again, on the network",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.capacity.less-disk", kind = "many", level = 1,
      competencies = { ["bigdata.capacity"] = 1 },
      stem = "A week of a topic with replication factor 3 no longer fits. \z
        Records keep coming at the same rate. Which of these lower the bytes \z
        that lie on the disks of all brokers together?",
      options = {
        { text = "Keep four days instead of seven", right = true,
          why = "Volume is rate times the time kept." },
        { text = "Send 180 bytes instead of 300 in a reading", right = true,
          why = "Bytes a second fall with the size of a record." },
        { text = "Divide the topic into 24 partitions instead of 12",
          belief = "partitions-shrink-data",
          why = "The same records lie in more pieces, with more open segments \z
            beside them." },
        { text = "Add a fourth broker and spread the partitions",
          belief = "partitions-shrink-data",
          why = "Each broker holds less, all together as much as before." },
        { text = "Switch two of the five reader groups off",
          belief = "readers-cost-disk",
          why = "That takes load from the network. Readers hold nothing." },
      },
      explain = "Bytes on disk = records/s x bytes x seconds kept x copies. \z
        Only what is a factor there helps.",
      source = "Lesson bigdata/five-vs, Volume",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.capacity.steps", kind = "order", level = 1,
      competencies = { ["bigdata.capacity"] = 1 },
      stem = "A fleet is described by its number of devices, their period and \z
        the size of a reading. In which order do you come from there to the \z
        disk of one broker, if every step needs the one before?",
      order = {
        { text = "records a second", why = "Devices divided by the period." },
        { text = "bytes a second", why = "Records a second times their size." },
        { text = "distinct bytes kept",
          why = "Bytes a second times the seconds of retention." },
        { text = "bytes on all disks",
          why = "Distinct bytes times the replication factor." },
        { text = "disk of one broker",
          why = "All bytes divided by the share filled and by the brokers." },
      },
      explain = "records/s, x bytes, x seconds kept, x copies, / share \z
        filled / brokers. Who leaves a step out is wrong by a factor.",
      source = "Lesson bigdata/five-vs, section One fleet, worked through",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.capacity.week-on-disk", kind = "number", level = 1,
      competencies = { ["bigdata.capacity"] = 1 },
      make = function(rng)
        local rate, days = rng:int(20, 95) * 10, rng:pick{ 3, 5, 7, 10 }
        local copies, fill = rng:pick{ 2, 3 }, rng:pick{ 0.6, 0.7, 0.8 }
        local distinct = rate * 1e3 * days * DAY / 1e9
        local right = distinct * copies / fill
        return {
          stem = ("%d kB/s come in. The topic keeps %d days, with replication \z
            factor %d, and disks may be filled to %.0f %%. How much disk do \z
            all brokers need together?"):format(rate, days, copies,
            fill * 100),
          unit = "GB", tolerance = 0.03, answer = right,
          misses = misses(right, {
            { value = distinct / fill, belief = "copies-forgotten",
              why = "The copies are missing: each byte lies on " .. copies
                .. " brokers." },
            { value = distinct * copies, belief = "headroom-forgotten",
              why = "That fills the disks to the last byte." },
            { value = distinct, belief = "copies-forgotten",
              why = "That is the distinct data: copies and headroom are \z
                missing." },
            { value = distinct * copies * (2 - fill),
              belief = "headroom-added",
              why = ("That adds %.0f %%. Data is to be %.0f %% of the disk: \z
                divide."):format(100 - fill * 100, fill * 100) },
            { value = distinct * copies / fill / days,
              belief = "day-is-hour",
              why = "That is the room for one day." },
          }),
          explain = ("%d kB/s x %s s = %s GB distinct; x %d copies = %s GB; \z
            / %.1f = %s GB."):format(rate, show(days * DAY), show(distinct),
            copies, show(distinct * copies), fill, show(right)),
        }
      end,
      source = "Lesson bigdata/five-vs, Volume; Apache Kafka 3.9 \z
        documentation, log.retention.hours",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.capacity.sent", kind = "number", level = 1,
      competencies = { ["bigdata.capacity"] = 1 },
      make = function(rng)
        local rate, groups = rng:int(4, 30), rng:int(2, 6)
        local right = (2 + groups) * rate
        return {
          stem = ("Producers write %d MB/s to a topic with replication factor \z
            3. %d groups of readers take all of it. How much do the brokers \z
            send, all together?"):format(rate, groups),
          unit = "MB/s", tolerance = 0.02, answer = right,
          misses = misses(right, {
            { value = groups * rate, belief = "copies-forgotten",
              why = "The followers read, too: two copies leave the leaders." },
            { value = (3 + groups) * rate, belief = "copies-twice",
              why = "Three copies need two transfers: the leader has the \z
                first." },
            { value = rate, belief = "readers-are-free",
              why = "That is what comes in. Each group takes it out once \z
                more." },
            { value = 2 * rate, belief = "readers-are-free",
              why = "That is what goes to the copies. The readers are \z
                missing." },
            { value = right / 8, belief = "bits-are-bytes",
              why = "Bytes were asked, and bytes were given: nothing is to be \z
                divided by 8." },
          }),
          explain = ("To the copies (3 - 1) x %d, to the groups %d x %d: \z
            together %d MB/s."):format(rate, groups, rate, right),
        }
      end,
      source = "Lesson bigdata/five-vs, Velocity again, on the network",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.capacity.copy-time", kind = "number", level = 1,
      competencies = { ["bigdata.capacity"] = 1 },
      make = function(rng)
        local size, link = rng:int(10, 40) * 100, rng:pick{ 1, 2.5, 10 }
        local right = size * 1e9 * 8 / (link * 1e9) / 3600
        return {
          stem = ("A new broker has to fetch %s GB before it is in sync. Its \z
            link carries %s Gbit/s, and nothing else. How long does that take \z
            at best?"):format(show(size), link == 2.5 and "2.5" or link),
          unit = "h", tolerance = 0.03, answer = right,
          misses = misses(right, {
            { value = right / 8, belief = "bits-are-bytes",
              why = "Links are sold in bits a second, data is counted in \z
                bytes: 8 bits each." },
            { value = right * 1.073741824, belief = "binary-is-decimal",
              why = "That takes GB for GiB. Both numbers here are powers of \z
                ten." },
            { value = right * 60, belief = "day-is-hour",
              why = "That is in minutes." },
            { value = right / 24, belief = "day-is-hour",
              why = "That is in days." },
          }),
          explain = ("%s GB x 8 = %s Gbit; / %s Gbit/s = %s s = %s h.")
            :format(show(size), show(size * 8), link == 2.5 and "2.5" or link,
            show(size * 8 / link), show(right, 2)),
        }
      end,
      source = "Lesson bigdata/five-vs, units; IEC 80000-13 (bit, byte, \z
        decimal and binary prefixes)",
      lesson = "bigdata/five-vs" },

    { id = "bigdata.capacity.disk-full", kind = "predict", level = 1,
      competencies = { ["bigdata.capacity"] = 1 }, reads_screen = true,
      make = function(rng)
        local size = 104857600
        local grew = rng:int(30, 60) * 100000
        local days = rng:int(6, 11)
        local used = size - grew * days - rng:int(1, 9) * 10000
        local rows = {}
        for i, now in ipairs{ used - grew, used } do
          rows[#rows + 1] = (i == 1 and "Mon 08:00" or "Tue 08:00")
            .. " $ df"
          rows[#rows + 1] = "HOST        1K-blocks       Used  Available Use%"
          for b = 1, 3 do
            rows[#rows + 1] = ("broker-%d   %10d %10d %10d %3d%%"):format(b,
              size, now, size - now, math.ceil(100 * now / size))
          end
        end
        local left = (size - used) / grew
        local function d(x)
          return ("in about %.0f %s"):format(x, x < 1.5 and "day" or "days")
        end
        return {
          stem = "Three brokers carry the same load. Retention has not yet \z
            begun to remove anything, and the load stays. When is the disk of \z
            broker-2 full?",
          screen = table.concat(rows, "\n"),
          options = choices(d(left), ("%s blocks are free, and a day takes \z
              %s."):format(show(size - used), show(grew)), {
            { text = d(size / grew), belief = "total-is-rate",
              why = "That fills an empty disk. Part of this one is used." },
            { text = d(left * 3), belief = "copies-twice",
              why = "df shows this broker alone. Nothing is to be shared with \z
                the two others." },
            { text = d(math.max(1, (size - used) / used)),
              belief = "total-is-rate",
              why = "What is used came in many days. A day brings the \z
                difference of the two readings." },
          }),
          explain = "Free space divided by the growth of a day. Both are read \z
            on one broker: its own disk, its own growth.",
        }
      end,
      source = "Lesson bigdata/five-vs, section Five units, five instruments \z
        (df on each broker)",
      lesson = "bigdata/five-vs" },

    -- --- bigdata.log-model ----------------------------------------------------

    { id = "bigdata.log-model.one-group", kind = "predict", level = 1,
      competencies = { ["bigdata.log-model"] = 1 },
      stem = "The archive and the alarm both need every reading of a topic \z
        with six partitions. Both are started under the group name plant. \z
        What does each of them get?",
      options = {
        { text = "The records of some partitions; the other gets the rest",
          right = true,
          why = "Members of a group divide the partitions." },
        { text = "Every record", belief = "group-broadcasts",
          why = "Two groups would each get every record. Here there is one." },
        { text = "Every record, until the other has read it",
          belief = "reading-removes",
          why = "Reading removes nothing, and no record is handed to both." },
        { text = "An error: the name is taken",
          belief = "group-broadcasts",
          why = "A second member is what groups are for. Nothing warns you." },
      },
      explain = "A group is one reader with several hands: each partition has \z
        one owner in it. Programs that both need everything need two groups.",
      source = "Lesson bigdata/log, Three uses of the same list; exercise \z
        bigdata.first-log, debrief",
      lesson = "bigdata/log" },

    { id = "bigdata.log-model.nine-days", kind = "recall", level = 1,
      competencies = { ["bigdata.log-model"] = 1 },
      stem = "A topic has Kafka's defaults: retention of 168 hours, segments \z
        of 1 GiB or 168 hours. On a quiet partition a record of nine days ago \z
        can still be read. Why?",
      options = {
        { text = "Whole segments are removed, and the newest record of its \z
            segment is not seven days old yet", right = true,
          why = "Retention looks at closed segments, by the newest timestamp \z
            in each." },
        { text = "Somebody read it less than seven days ago",
          belief = "reading-removes",
          why = "Reading changes nothing in the log, in neither direction." },
        { text = "Retention removes only when the disk is short of room",
          belief = "retention-by-need",
          why = "By default nothing bounds the size, and room is not asked \z
            for. The check runs every five minutes." },
        { text = "Retention of that partition has failed",
          belief = "retention-by-record",
          why = "It works by segments, not by records. On a quiet partition \z
            almost 14 days are as designed." },
      },
      explain = "A segment stays open for up to 7 days and is kept until its \z
        newest record is 7 days old: a record may live almost 14.",
      source = "Lesson bigdata/log, Replay; Apache Kafka 3.9 documentation, \z
        log.retention.hours, log.roll.hours, log.segment.bytes",
      lesson = "bigdata/log" },

    { id = "bigdata.log-model.set-back", kind = "many", level = 1,
      competencies = { ["bigdata.log-model"] = 1 },
      stem = "A bug in program audit is repaired. You set the positions of \z
        its group back to the earliest offset and start it. What holds?",
      options = {
        { text = "It handles all records that are still in the log again",
          right = true,
          why = "A position is only the offset of the next record wanted." },
        { text = "Other groups go on where they were", right = true,
          why = "Positions belong to a group." },
        { text = "The end offsets stay as they are", right = true,
          why = "Reading appends nothing." },
        { text = "Records that retention has removed come back",
          belief = "log-rewrites",
          why = "What was removed is gone. Replay reaches as far as \z
            retention." },
        { text = "The records get new offsets",
          belief = "log-rewrites",
          why = "An offset is given once, when a record is appended." },
      },
      explain = "Setting a position back repeats the past with new code, for \z
        one group, as far as the log reaches.",
      source = "Lesson bigdata/log, Replay and A partition is one log",
      lesson = "bigdata/log" },

    { id = "bigdata.log-model.life", kind = "order", level = 1,
      competencies = { ["bigdata.log-model"] = 0.8,
                       ["bigdata.delivery"] = 0.2 },
      stem = "One record on a topic with three copies, written with acks=all \z
        and read by one group that commits after its work. What happens to it \z
        first, and what then?",
      order = {
        { text = "The leader appends it and gives it an offset",
          why = "Without an offset nobody can copy or read it." },
        { text = "The followers have fetched it, the high watermark passes it",
          why = "Consumers see only what lies below the high watermark." },
        { text = "The group's member receives it",
          why = "That takes a fetch behind the watermark." },
        { text = "The group commits the offset behind it",
          why = "This group commits after its work." },
        { text = "Retention removes its closed segment",
          why = "Days later, whoever read it." },
      },
      explain = "Append, copy, read, commit, remove. Reading and committing \z
        change the group, not the log.",
      source = "Lessons bigdata/log and bigdata/delivery (diagram of the high \z
        watermark)",
      lesson = "bigdata/log" },

    { id = "bigdata.log-model.uses", kind = "match", level = 1,
      competencies = { ["bigdata.log-model"] = 1 },
      stem = "Four tasks, one topic. Which use of the log does each?",
      pairs = {
        { left = "Ten workers share the readings; each is handled by one",
          right = "one group with several members",
          why = "Members divide the partitions." },
        { left = "Billing and alarms both need every reading",
          right = "a group for each program",
          why = "Each group has positions of its own and gets everything." },
        { left = "A new program wants the last value of every pump",
          right = "read from the start, keep the newest record of each key",
          why = "A table is what is left of its changes." },
        { left = "Last week's sums were wrong; the code is repaired",
          right = "set the group's positions back",
          why = "Reading removes nothing, so the past can be repeated." },
      },
      explain = "Queue, fan-out, table and replay are four ways to read the \z
        same list.",
      source = "Lesson bigdata/log, Three uses of the same list",
      lesson = "bigdata/log" },

    { id = "bigdata.log-model.catch-up", kind = "number", level = 1,
      competencies = { ["bigdata.log-model"] = 0.6,
                       ["bigdata.capacity"] = 0.4 },
      make = function(rng)
        local rate = rng:int(20, 60) * 100
        local speed = rate + rng:int(6, 40) * 100
        local away = rng:pick{ 1, 2, 3 }
        local backlog = rate * away * 3600
        local right = backlog / (speed - rate) / 60
        return {
          stem = ("%s records/s come into a topic. A reader can do %s \z
            records/s and was away for %d h. How long until its lag is zero?")
            :format(show(rate), show(speed), away),
          unit = "min", tolerance = 0.03, answer = right,
          misses = misses(right, {
            { value = backlog / speed / 60, belief = "speed-not-spare",
              why = "That is the time for the backlog alone. While the reader \z
                works through it, new records keep coming." },
            { value = away * 60, belief = "speed-not-spare",
              why = "That is how long it was away. How long it takes to catch \z
                up depends on its spare speed." },
            { value = backlog / (speed + rate) / 60,
              belief = "speed-not-spare",
              why = "What comes in slows the catching up: subtract it." },
            { value = right * 60, belief = "day-is-hour",
              why = "That is in seconds." },
          }),
          explain = ("Backlog %s x %s s = %s records; spare %s/s; that is %s \z
            s, or %s min."):format(show(rate), show(away * 3600),
            show(backlog), show(speed - rate), show(right * 60),
            show(right)),
        }
      end,
      source = "Lesson bigdata/log, Catching up, in numbers",
      lesson = "bigdata/log" },

    { id = "bigdata.log-model.how-far-behind", kind = "choose", level = 1,
      competencies = { ["bigdata.log-model"] = 1 }, reads_screen = true,
      make = function(rng)
        local at, ends, lag, rows = {}, {}, {}, {
          "GROUP   TOPIC     PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG" }
        for i = 1, 3 do
          at[i] = rng:int(3000, 9000)
          lag[i] = rng:int(20, 900)
          ends[i] = at[i] + lag[i]
          rows[#rows + 1] = ("billing readings  %-9d  %-14d  %-14d  ?")
            :format(i - 1, at[i], ends[i])
        end
        local function n(x) return show(x) .. " records" end
        return {
          stem = "The last column of the group's description was lost. All \z
            partitions of the topic begin at offset 0. How many records has \z
            the group not yet committed?",
          screen = table.concat(rows, "\n"),
          options = choices(n(sum(lag)), "The end offsets minus the committed \z
              ones, of all three partitions.", {
            { text = n(sum(ends)), belief = "end-is-lag",
              why = "That is all there is in the topic, what was committed \z
                included." },
            { text = n(sum(at)), belief = "position-is-lag",
              why = "That is what the group has behind it." },
            { text = n(math.max(table.unpack(lag))), belief = "one-for-all",
              why = "That is the partition that is furthest behind. The \z
                others are behind, too." },
          }),
          explain = "Lag is the end offset minus the committed offset, \z
            partition by partition; the group's lag is their sum.",
        }
      end,
      source = "Lesson bigdata/log, A partition is one log; Apache Kafka 3.9, \z
        tool kafka-consumer-groups.sh",
      lesson = "bigdata/log" },

    { id = "bigdata.log-model.not-listed", kind = "predict", level = 1,
      competencies = { ["bigdata.log-model"] = 1 }, reads_screen = true,
      make = function(rng)
        local fresh = rng:int(1, 4)
        local ends, lag, rows = {}, {}, {
          "TOPIC     PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG" }
        local offsets = { "$ kafka-get-offsets.sh ... --topic readings" }
        for i = 1, 4 do
          local at = rng:int(400, 900)
          lag[i] = rng:int(10, 200)
          ends[i] = at + lag[i]
          offsets[#offsets + 1] = ("readings:%d:%d"):format(i - 1, ends[i])
          if i ~= fresh then
            rows[#rows + 1] = ("readings  %-9d  %-14d  %-14d  %d")
              :format(i - 1, at, ends[i], lag[i])
          end
        end
        local listed = sum(lag) - lag[fresh]
        local function n(x) return show(x) .. " of them" end
        return {
          stem = "Nothing is written to the topic any more. The console \z
            consumer is started again for group audit, without \z
            --from-beginning. How many of the records in the log does it \z
            still show?",
          screen = table.concat(offsets, "\n")
            .. "\n$ kafka-consumer-groups.sh ... --describe --group audit\n"
            .. table.concat(rows, "\n"),
          options = choices(n(listed), ("In three partitions the group goes \z
              on at its position. In partition %d it has none, and begins at \z
              the end."):format(fresh - 1), {
            { text = n(listed + ends[fresh]),
              belief = "position-from-start",
              why = ("Where a group has no position it begins at the end, \z
                unless it is told otherwise (auto.offset.reset=latest). \z
                Partition %d is passed over."):format(fresh - 1) },
            { text = n(sum(ends)), belief = "position-lost",
              why = "The positions are kept in the cluster, under the group's \z
                name." },
            { text = "None of them", belief = "position-at-end",
              why = "That holds for a group without any position. This one \z
                has three." },
          }),
          explain = "A partition that the description leaves out is one in \z
            which the group never committed. What lies there is passed over, \z
            without an error.",
        }
      end,
      source = "Exercise bigdata.first-log, debrief; Apache Kafka 3.9 \z
        documentation, auto.offset.reset",
      lesson = "bigdata/log" },

    -- --- bigdata.delivery ----------------------------------------------------

    { id = "bigdata.delivery.one-restarts", kind = "predict", level = 1,
      competencies = { ["bigdata.delivery"] = 1 },
      stem = "Three replicas, min.insync.replicas=2, producers with acks=all. \z
        One of the three brokers is shut down in good order and stays away for \z
        ten minutes. What do the producers see, once leaders have moved?",
      options = {
        { text = "Writes go on; what is acknowledged lies on two brokers",
          right = true,
          why = "Two are in sync, and the floor asks for two." },
        { text = "Writes are refused until the broker is back",
          belief = "all-is-every-replica",
          why = "All means all that are in sync now. The absent one is not." },
        { text = "Writes go on; what is acknowledged may lie on one broker",
          belief = "floor-is-reached",
          why = "Below two in sync the leader refuses. It never acknowledges \z
            with one." },
        { text = "Each write waits for the absent broker and then fails",
          belief = "all-is-every-replica",
          why = "A broker that shuts down in good order leaves the in-sync \z
            set. Nobody waits for it." },
      },
      explain = "With factor 3 and a floor of 2, one broker may be away while \z
        writes go on, and one may be lost without losing what was \z
        acknowledged.",
      source = "Lesson bigdata/delivery, Three settings, three sentences; \z
        Apache Kafka 3.9 documentation, min.insync.replicas",
      lesson = "bigdata/delivery" },

    { id = "bigdata.delivery.answer-lost", kind = "predict", level = 1,
      competencies = { ["bigdata.delivery"] = 1 },
      stem = "A producer with acks=all, retries on and \z
        enable.idempotence=false sends a batch. All in-sync copies have it; \z
        the answer is lost on its way. What is in the log a minute later?",
      options = {
        { text = "The batch, twice", right = true,
          why = "Without an answer the producer sends it again, and the \z
            leader appends what it is sent." },
        { text = "The batch, once: the leader drops the repeat",
          belief = "broker-knows-repeats",
          why = "It does so only for numbered batches, that is with \z
            idempotence." },
        { text = "The batch, once: the producer reports an error and stops",
          belief = "ack-means-once",
          why = "A missing answer can be tried again, for up to \z
            delivery.timeout.ms (120 s)." },
        { text = "Nothing: without an answer the append is taken back",
          belief = "no-ack-no-write",
          why = "A log takes nothing back. No acknowledgement does not mean \z
            not written." },
      },
      explain = "Retries make at least once. Kafka's default \z
        enable.idempotence=true numbers the batches, and the leader drops the \z
        repeat.",
      source = "Lesson bigdata/delivery, What no ack says; Apache Kafka 3.9 \z
        documentation, enable.idempotence",
      lesson = "bigdata/delivery" },

    { id = "bigdata.delivery.double-rows", kind = "choose", level = 1,
      competencies = { ["bigdata.delivery"] = 1 },
      stem = "A consumer writes a row to a database for each event, with \z
        auto-commit. After crashes some rows are there twice, none is ever \z
        missing. Each event carries an id. What repairs that?",
      options = {
        { text = "Write the row under the event's id, so that writing it \z
            again changes nothing", right = true,
          why = "Then repeating does no harm, however often it happens." },
        { text = "Commit every 500 ms instead of every 5 s",
          belief = "shorter-window",
          why = "Fewer rows are repeated after a crash, never none." },
        { text = "Commit before the row is written",
          belief = "commit-first-is-safe",
          why = "A crash between the two then loses the row." },
        { text = "Read with isolation.level=read_committed",
          belief = "kafka-reaches-out",
          why = "That hides records of aborted transactions. The database is \z
            outside of Kafka." },
      },
      explain = "The work was done before the commit: at least once. Outside \z
        of Kafka the repair is an operation that may be repeated.",
      source = "Lesson bigdata/delivery, At most once, at least once, exactly \z
        once",
      lesson = "bigdata/delivery" },

    { id = "bigdata.delivery.what-is-sure", kind = "many", level = 1,
      competencies = { ["bigdata.delivery"] = 1 },
      stem = "Three replicas, min.insync.replicas=2, a producer with acks=all \z
        and enable.idempotence=false. It gets its acknowledgement. What is \z
        sure at that moment?",
      options = {
        { text = "Every replica in sync has the record", right = true,
          why = "That is the sentence which acks=all speaks." },
        { text = "At least two brokers have the record", right = true,
          why = "With fewer than two in sync it would have been refused." },
        { text = "The record is on disk on those brokers",
          belief = "ack-means-disk",
          why = "By default flushing is left to the operating system. The \z
            promise rests on copies in several machines." },
        { text = "The record is in the log exactly once",
          belief = "ack-means-once",
          why = "An earlier try may have been appended, its answer lost." },
        { text = "Every group of readers has received it",
          belief = "ack-means-read",
          why = "An acknowledgement says nothing of readers." },
      },
      explain = "It says who has the record. It does not say on disk, \z
        processed, or once.",
      source = "Lesson bigdata/delivery, What no ack says",
      lesson = "bigdata/delivery" },

    { id = "bigdata.delivery.twice", kind = "many", level = 1,
      competencies = { ["bigdata.delivery"] = 1 },
      stem = "Which of these can make a program handle the same event twice?",
      options = {
        { text = "The producer retries after a lost answer, idempotence off",
          right = true, why = "The event may then lie in the log twice." },
        { text = "The consumer crashes between its work and its commit",
          right = true,
          why = "It goes on at the old position and does the work again." },
        { text = "The group's positions are set back by an hour",
          right = true, why = "That is what setting back is for." },
        { text = "The consumer crashes between its commit and its work",
          belief = "commit-first-is-safe",
          why = "Then the event is skipped: at most once." },
        { text = "The producer has retries=0 and loses an answer",
          belief = "no-ack-no-write",
          why = "It is not sent again. It is there once, or not at all." },
      },
      explain = "Whoever acts again when in doubt may act twice; whoever does \z
        not may miss. Somebody has to choose, at each step.",
      source = "Lesson bigdata/delivery, At most once, at least once, exactly \z
        once",
      lesson = "bigdata/delivery" },

    { id = "bigdata.delivery.sentences", kind = "match", level = 1,
      competencies = { ["bigdata.delivery"] = 1 },
      stem = "What does the producer know in each case?",
      pairs = {
        { left = "acks=0, the send returned",
          right = "it wrote to a socket",
          why = "No answer is sent, so none was heard." },
        { left = "acks=1, the answer came",
          right = "the leader has appended the batch",
          why = "Followers may or may not have it yet." },
        { left = "acks=all, the answer came",
          right = "the leader and all in sync at that moment have it",
          why = "However many these are; the floor is another setting." },
        { left = "acks=all, the answer did not come in time",
          right = "nothing: it may be in the log or not",
          why = "The request or the answer may have been lost." },
      },
      explain = "An acknowledgement is a sentence that a broker speaks. No \z
        sentence is no knowledge, not a no.",
      source = "Lesson bigdata/delivery, Three settings, three sentences",
      lesson = "bigdata/delivery" },

    { id = "bigdata.delivery.silent-loss", kind = "order", level = 1,
      competencies = { ["bigdata.delivery"] = 1 },
      stem = "A record that was acknowledged with acks=1 cannot be found, and \z
        nobody reports an error. In which order did it happen?",
      order = {
        { text = "The leader appends the record",
          why = "acks=1 answers for this and nothing else." },
        { text = "The producer gets its acknowledgement",
          why = "It is sent right after the append, before any copy." },
        { text = "The leader dies; the followers have not fetched the record",
          why = "Otherwise a copy would exist." },
        { text = "A follower without the record becomes leader",
          why = "Its log is from now on the truth." },
        { text = "The offset is given to another record",
          why = "The new leader goes on where its own log ends." },
      },
      explain = "Nobody lied: one copy was promised, and that copy died. With \z
        acks=all the answer would have waited for the followers.",
      source = "Lesson bigdata/delivery, Three settings, three sentences and \z
        Check yourself 2",
      lesson = "bigdata/delivery" },

    { id = "bigdata.delivery.who-refuses", kind = "predict", level = 1,
      competencies = { ["bigdata.delivery"] = 1 }, reads_screen = true,
      make = function(rng)
        local names = { "Partition 0", "Partition 1", "Partition 2",
                        "Partition 3" }
        local one = rng:int(1, 4)
        local two = (one - 1 + rng:int(1, 3)) % 4 + 1
        local rows = {
          "Topic: pay  PartitionCount: 4  ReplicationFactor: 3",
          "            Configs: min.insync.replicas=2" }
        local start = rng:int(0, 2)
        for i = 1, 4 do
          local r = {}
          for k = 0, 2 do
            r[k + 1] = (start + i + k) % 3 + 1
          end
          local keep = i == one and 1 or i == two and 2 or 3
          rows[#rows + 1] = ("Topic: pay  Partition: %d  Leader: %d  \z
            Replicas: %s  Isr: %s"):format(i - 1, r[1],
            table.concat(r, ","), table.concat(r, ",", 1, keep))
        end
        local both = math.min(one, two)
        return {
          stem = "Producers write to this topic with acks=all. To which \z
            partitions are their writes refused now?",
          screen = table.concat(rows, "\n"),
          options = {
            { text = names[one], right = true,
              why = "It has one replica in sync, and the floor asks for two." },
            { text = names[both] .. " and "
                .. names[one + two - both]:lower(),
              belief = "under-replicated-refuses",
              why = ("%s lacks a copy, but two are in sync: the floor is \z
                held."):format(names[two]) },
            { text = "None: acks=all waits for those in sync, however few",
              belief = "floor-is-reached",
              why = "acks=all alone would be content with one. The floor of \z
                two refuses." },
            { text = "All four: a topic refuses as a whole",
              belief = "one-for-all",
              why = "Each partition has its own in-sync set, and is judged by \z
                it." },
          },
          explain = "Compare the length of Isr with min.insync.replicas, \z
            partition by partition. Replicas says how many there should be, \z
            and refuses nothing.",
        }
      end,
      source = "Lesson bigdata/delivery, Three settings, three sentences; \z
        Apache Kafka 3.9, tool kafka-topics.sh",
      lesson = "bigdata/delivery" },
  },
}
