-- expect: ok done
load('if a then ' .. ('elseif a then '):rep(15000) .. 'end')
return 'done'
