-- expect: error attempt to index a nil value
-- CVE-2022-0543 (Redis in Debian): package was still reachable
return package.loaded.io
