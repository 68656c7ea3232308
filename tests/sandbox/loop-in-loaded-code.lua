-- expect: limit used its budget
while true do pcall(load('while true do end')) end
