-- For wrk: sends METHOD for /object/0 to /object/COUNT-1 of a host, and says how long it took until
-- so many were answered. wrk itself would count for a fixed time, and a purge of what is purged
-- already is not what we compare with. It begins anew for a thousand more, so that the last ones of
-- the first round are answered too when it stops.
--
--   wrk -t1 -c32 -d60s -s each-once.lua http://ADDRESS -- METHOD HOST COUNT

local ffi = require('ffi')
ffi.cdef [[
  typedef struct { long s; long ns; } freshet_time;
  int clock_gettime(int clock, freshet_time *time);
]]

local method, host, count
local sent, answered, odd = 0, 0, 0
local startSeconds, tookSeconds

local function seconds()
  local time = ffi.new('freshet_time')
  ffi.C.clock_gettime(1, time)
  return tonumber(time.s) + tonumber(time.ns) / 1e9
end

function init(args)
  method, host, count = args[1], args[2], tonumber(args[3])
end

function request()
  -- wrk asks for one request before it starts, only to look at it.
  if sent == 1 then startSeconds = seconds() end
  sent = sent + 1
  return wrk.format(method, '/object/' .. sent % count, { Host = host })
end

function response(status)
  answered = answered + 1
  if status ~= 200 then odd = odd + 1 end
  if answered == count then
    tookSeconds = seconds() - startSeconds
  elseif answered == count + 1000 then
    io.write(string.format('took %.6f s, %d odd answers\n', tookSeconds, odd))
    io.flush()
    wrk.thread:stop()
  end
end
