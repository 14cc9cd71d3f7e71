import { createRequire } from 'node:module';

const require: NodeJS.Require = createRequire(import.meta.url);

// What a module imports of a script Node finds out by reading the script, and those that it hands on, before it runs
// them: of these three hundred files that takes as long as loading them. `require` runs them at once.

/** BullMQ, loaded when it is first asked for. */
export const bullmq = (): typeof import('bullmq') => require('bullmq') as typeof import('bullmq');

/** The client of Redis that BullMQ takes. */
export const ioredis = (): typeof import('ioredis') => require('ioredis') as typeof import('ioredis');
