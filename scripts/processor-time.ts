import { readFileSync } from 'node:fs';

/** Clock ticks a second, of which Linux counts processor time. */
const TICKS = 100;

/** Seconds of processor time, of this process and of those of its children that have ended; of it alone elsewhere than on Linux. */
export function processorTime(): { own: number; children: number } {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  if (process.platform !== 'linux') return { own, children: 0 };
  // The fields behind the command's name, which may have spaces: the first of them is the third, `cutime` the sixteenth.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return { own, children: (Number(fields[13]) + Number(fields[14])) / TICKS };
}
