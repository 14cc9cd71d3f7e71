export { shownAddress } from './connection.node.js';
export type { FleetErrorCode } from './errors.js';
export type { FleetCounts, FleetJob, FleetResult, FleetRun, FleetStatus } from './fleet-job.js';
export { cancelRun, eachResult, type NewJob, runOf, statusOf, submitJobs } from './run.node.js';
export { type FleetAnswer, type WorkOptions, workOn } from './work.node.js';
