export type { CauseKind, CausePhase, CauseRepair, RepairClass } from './cause-kinds/cause-kind.js';
export type { CauseId, KnownCauseId } from './cause-kinds/cause-kinds.js';
export type { LeftOutCode, TriageErrorCode, TriageIssueCode } from './errors.js';
export { checkDiskBoot, type ExaminedInstallation } from './machine/boot-report.js';
export { bootDiskOf, bootRootsOf, type DiskBootStores, findDiskBootStores } from './machine/boot-stores.js';
export { findWindowsFolders, type WindowsFolder } from './machine/find-windows.js';
export { type MachineFacts, readMachineFacts } from './machine/machine-report.js';
export { refineVolumeRole } from './machine/volume-role.js';
export type { FoundWindows } from './obstacles/obstacle.js';
export { findObstacles, type ImageHint, withHints } from './obstacles/obstacles.js';
export type {
  BootLogReport,
  CauseConfidence,
  CauseReport,
  PlatformReport,
  StartVerdict,
} from './report/cause-report.js';
export { containerDoubts } from './report/container-doubts.js';
export type { HostReport } from './report/host-report.js';
export {
  type FailedOutline,
  type ImageOutline,
  isFailedOutline,
  type JudgedOutline,
  outlineOf,
} from './report/image-outline.js';
export type { MachineDisk } from './report/machine-disk.js';
export type { RepairOperationId, RepairRequest } from './report/repair-request.js';
export {
  type BootReport,
  type Cost,
  type CrashReport,
  type FailedImage,
  type HistoryEvent,
  type HistoryReport,
  type HiveReport,
  type ImageReport,
  type InstallationReport,
  isFailedImage,
  type Obstacle,
  type ObstacleId,
  type RegistrySource,
  type ScanReport,
  type ScanSummary,
  type SharedIdentity,
  type UnjudgedVolume,
} from './report/report-types.js';
export type {
  FileReport,
  FileTimes,
  NextStep,
  ReportedRun,
  RuleDecision,
  RuleResult,
  RuleStep,
  ScanStep,
  ScanStepId,
} from './report/rule-result.js';
export { fillRuleText, type RuleText, type RuleWords } from './report/rule-text.js';
export { compareImages, exitCodeOf, scanReport, summarise } from './report/scan-report.js';
export type {
  LostSince,
  SameServerReason,
  ServerReport,
  ServerState,
  StateKind,
  StateTimeSource,
  UnsafeReason,
} from './report/server-report.js';
export type { TimelineEvent, TimelineKind, TimelineReport } from './report/timeline-report.js';
export type {
  FileContent,
  FolderReason,
  ProvisionalReason,
  RuleConfidence,
  ScanVerdict,
  Severity,
} from './report/words.js';
export type { Rule } from './rules/rule.js';
export { SHIPPED_RULES } from './rules/shipped-rules.js';
export { failedImage } from './scan/failed-image.js';
export { proposeRepairs } from './scan/propose-repairs.js';
export { type ScanOptions, scanDisk } from './scan/scan-disk.js';
export { type DiskRole, diskRoleOf, settleMachine } from './scan/settle-machine.js';
export { findServers } from './servers/newest-clean.js';
export type { DoubtReason } from './subject/doubts.js';
