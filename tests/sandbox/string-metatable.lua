-- expect: error attempt to index a nil value
-- CVE-2022-24735, CVE-2025-46818 (Redis): metatables of basic types
getmetatable("").__index.rep = nil
