import { fuzzWorker } from './fuzz-worker.js';
import { targets } from './targets.js';

await fuzzWorker(targets);
