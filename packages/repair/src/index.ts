export type { RepairErrorCode } from './errors.js';
export { type ImageHazard, type PlanOptions, planRepair } from './plan/plan-repair.js';
export type {
  ByteEdit,
  EditTarget,
  OperationId,
  Refusal,
  RefusalId,
  RepairOperation,
  RepairPlan,
  RepairRequest,
} from './plan/repair-plan.js';
