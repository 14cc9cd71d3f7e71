export { proposeRepairs, type RepairRequest } from '@deadbox/triage';
export type { RepairErrorCode } from './errors.js';
export type { SectorState } from './journal/undo-journal.js';
export type {
  ByteEdit,
  EditTarget,
  OperationId,
  Refusal,
  RefusalId,
  RepairOperation,
  RepairPlan,
} from './plan/repair-plan.js';
export { type ImageHazard, type PlanOptions, planRepair } from './plan-repair.js';
export { type RepairProblem, type RepairProblemId, verifyRepair } from './verify-repair.js';
