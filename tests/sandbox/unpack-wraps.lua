-- expect: error too many elements
-- CVE-2025-46817 (Redis): the count overflows
return table.unpack({}, math.mininteger, math.maxinteger)
