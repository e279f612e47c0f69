// Recognises the numbers of a file, again and again, with npm's ts-tracking-number.
// Prints how many a second of processor time, and how many it found a carrier for.

const fs = require("node:fs");
const { getTracking } = require("ts-tracking-number");

const SECONDS = 2;

// Of the main thread as far as that can be told: the collector's threads count, too.
function spent(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

const numbers = fs.readFileSync(process.argv[2], "ascii").split(/\s+/).filter(Boolean);
const found = numbers.filter((number) => getTracking(number) !== undefined).length;
const begun = process.cpuUsage();
let done = 0;
while (spent(begun) < SECONDS) {
  for (const number of numbers) getTracking(number);
  done += numbers.length;
}
console.log(JSON.stringify({ per_second: done / spent(begun), found }));
