-- expect: ok 5|  a|1.50|ff|"q"|nil|true
return ('%d|%3s|%.2f|%x|%q|%s|%s'):format(5, 'a', 1.5, 255, 'q', nil, true)
