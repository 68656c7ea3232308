-- expect: error cannot be replaced
string = nil
