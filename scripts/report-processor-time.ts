// `npm test -- --durations` has the process of each test file import this: it says at its end what it has cost.
import { appendFileSync } from 'node:fs';
import { processorTime } from './processor-time';

const { MARQUEE_TEST_RUNNER: runner, MARQUEE_TEST_TIMES: times = '' } = process.env;
// Processes that a test file starts count as its children.
if (String(process.ppid) === runner) {
  process.on('exit', () => {
    const { own, children } = processorTime();
    appendFileSync(times, `${JSON.stringify({ bundle: process.argv[1], own, children })}\n`);
  });
}
