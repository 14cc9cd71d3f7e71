export { checkDiskBoot, type ExaminedInstallation } from './boot-report.js';
export { bootDiskOf, bootRootsOf, findDiskBootStores, type DiskBootStores } from './boot-stores.js';
export type { FoundWindows } from './obstacle.js';
export { readMachineFacts, type MachineFacts } from './machine-report.js';
export { failedImage } from './failed-image.js';
export { findObstacles, withHints, type ImageHint } from './obstacles.js';
export {
  isFailedImage,
  type BootReport,
  type Cost,
  type CrashReport,
  type FailedImage,
  type FileReport,
  type FileTimes,
  type HistoryEvent,
  type HistoryReport,
  type HiveReport,
  type ImageReport,
  type InstallationReport,
  type RegistrySource,
  type Obstacle,
  type ReportedRun,
  type RuleResult,
  type ScanReport,
  type ScanSummary,
  type UnjudgedVolume,
} from './report-types.js';
export type { Rule } from './rule.js';
export { scanDisk, type ScanOptions } from './scan-disk.js';
export { findWindowsFolders, type WindowsFolder } from './find-windows.js';
export { compareImages, exitCodeOf, scanReport, summarise } from './scan-report.js';
export type { SharedIdentity } from './shared-identities.js';
export { SHIPPED_RULES } from './shipped-rules.js';
export { refineVolumeRole } from './volume-role.js';
export type { FileContent, ProvisionalReason, Severity } from './words.js';
