-- expect: limit used its budget
::again:: goto again
