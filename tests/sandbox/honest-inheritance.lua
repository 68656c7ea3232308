-- expect: ok woof
local Animal = {}
Animal.__index = Animal
local Dog = setmetatable({}, {__index = Animal})
Dog.__index = Dog
function Animal:name() return self.sound end
return setmetatable({sound = "woof"}, Dog):name()
