-- expect: error the environment cannot be chosen
return load('return x', 'x', 't', {x = 1})
