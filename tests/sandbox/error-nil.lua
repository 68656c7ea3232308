-- expect: error error-nil.lua:2: nil
error(nil)
