-- expect: error attempt to index a number value
-- CVE-2022-28805: reading behind the constants of a constant _ENV
load("local _ENV <const> = 11; X = 'hi'")()
