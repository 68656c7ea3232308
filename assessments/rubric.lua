-- The guide's self-assessment: twelve statements, rated 1 to 5 by oneself, with
-- what the learner's own runs say beside it (curriculum.md 4.2).
--
-- anchors    what each number means, from 1 to 5
-- kinds      letters of the evidence that speaks to it (content/README.md)
-- about      competencies, or areas of them ("perf" is all of perf.*); none: all
-- systems    only exercises in which at least so many parts of the platform work
-- unmeasured instead of these: why no run can tell
return {
  format_version = 1,

  groups = {
    { id = "depth", title = "Technical depth", statements = {
      { id = "T1", text = "explain internals and trade-offs",
        anchors = {
          "I know the names of the parts.",
          "I can say what each part is for.",
          "I can say how it works and which settings change it.",
          "I can predict what a change does, and what it costs elsewhere.",
          "My predictions hold where nobody has tried it yet, and I can say \z
            why." },
        kinds = "PQ" },
      { id = "T2", text = "debug complex production issues",
        anchors = {
          "I ask somebody, or restart it.",
          "I find the place with help.",
          "I find the cause of what I have met before.",
          "I tell the cause from its victims, from evidence alone.",
          "I do that under pressure, across layers, and say when nothing is \z
            wrong." },
        kinds = "X" },
      { id = "T3", text = "optimise performance and scalability",
        anchors = {
          "I change settings and look whether it is faster.",
          "I know which instruments show a bottleneck.",
          "I find the bottleneck and move it.",
          "I meet a target with few changes, and say where the next \z
            bottleneck lies.",
          "I say before building it what it will carry, and am right." },
        kinds = "OX",
        about = { "perf", "ops.capacity", "tsdb.tuning",
                  "kafka.performance", "stream.backpressure" } },
      { id = "T4", text = "design systems from scratch",
        anchors = {
          "I can read somebody's design.",
          "I can fill in a template.",
          "I can design for a load that is given.",
          "I choose between designs and can say what would make the choice \z
            wrong.",
          "My designs survive load, loss and growth that were not in the \z
            brief." },
        kinds = "DB" },
    } },

    { id = "practice", title = "Practical application", statements = {
      { id = "P1", text = "implement solutions on your own",
        anchors = {
          "I follow instructions.",
          "I manage with hints.",
          "I manage small tasks alone.",
          "I manage whole tasks alone, with the documentation.",
          "I manage tasks that nobody has described before." },
        kinds = "OB" },
      { id = "P2", text = "integrate several technologies",
        anchors = {
          "I have worked with one system at a time.",
          "I have connected two by following a guide.",
          "I connect two and know what passes between them.",
          "I connect several, and they survive the loss of one.",
          "I can say where in a chain of systems a promise is lost." },
        kinds = "OBX", systems = 3 },
      { id = "P3", text = "handle edge cases and errors",
        anchors = {
          "I think of the case that works.",
          "I handle the errors that I have seen.",
          "I look for lost, late and repeated data before it happens.",
          "My solutions pass on data and failures that I did not see.",
          "I can show that nothing is lost or counted twice." },
        kinds = "OPBXQ",
        about = { "bigdata.delivery", "kafka.replication",
                  "kafka.transactions", "svc.resilience", "stream.time",
                  "stream.checkpoints", "stream.correctness",
                  "arch.outbox", "iot.edge" } },
      { id = "P4", text = "document and communicate",
        anchors = {
          "I explain it when asked.",
          "I leave notes for myself.",
          "Others can follow what I wrote.",
          "Somebody on call at night can act on what I wrote.",
          "What I write changes what others decide." },
        unmeasured = "A run shows what was done, not whether others \z
          understood it. Show a runbook or a decision record to a colleague." },
    } },

    { id = "field", title = "Awareness of the field", statements = {
      { id = "I1", text = "know current practice",
        anchors = {
          "I know what I was taught.",
          "I know what my company does.",
          "I know the defaults of today's versions.",
          "I know which advice is out of date, and since when.",
          "Others ask me what has changed." },
        unmeasured = "The questions of this version are dated, but not about \z
          what is new." },
      { id = "I2", text = "know when to apply which pattern",
        anchors = {
          "I know patterns by name.",
          "I use the one that I know.",
          "I can say what two patterns cost.",
          "I choose by the limits of the case, and reject with a reason.",
          "I can say what has to be true for the choice to be wrong." },
        kinds = "DP", about = { "arch", "store.modeling", "ml.serving" } },
      { id = "I3", text = "keep up as technology changes",
        anchors = {
          "I learn when I have to.",
          "I read about it now and then.",
          "I follow the releases of what I use.",
          "I try new things out and write down what I found.",
          "I keep what I learnt alive and give it on." },
        unmeasured = "Reviews that are kept show a habit, and no more is \z
          claimed." },
      { id = "I4", text = "judge new technologies",
        anchors = {
          "I believe the announcement.",
          "I read what others found.",
          "I can name the claim that matters to us.",
          "I find the cheapest experiment that decides.",
          "I say how sure I am, and turn out that often right." },
        kinds = "DP", about = { "arch.emerging", "kafka.alternatives" } },
    } },
  },
}
