-- expect: error read-only
function string.rep() return 'mine' end
