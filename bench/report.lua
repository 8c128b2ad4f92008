-- One line of JSON for bench/run: requests a second, the 99th percentile in ms, answers that were errors.
done = function(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"rps": %.1f, "count": %d, "p99": %.3f, "errors": %d}\n',
    summary.requests / summary.duration * 1e6, summary.requests, latency:percentile(99) / 1000, failed))
end
