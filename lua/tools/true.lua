-- true.lua - succeed, or fail, and nothing else
return {
	{ name = "true", summary = "succeed", usage = "true",
	  run = function() return 0 end },
	{ name = "false", summary = "fail", usage = "false",
	  run = function() return 1 end },
}
