export type { WindowsErrorCode, WindowsIssueCode } from './errors.js';
export { BASE_BLOCK_BYTES, type BaseBlock } from './registry/base-block.js';
export { Hive, type HiveLogSources, type HiveLogState, type HiveOptions, type HiveState } from './registry/hive.js';
export { registryLine, type RegistryLine, type RegistryRow, type WalkOptions } from './registry/hive-walk.js';
export { RegistryKey } from './registry/registry-key.js';
export { RegistryValue } from './registry/registry-value.js';
export { decodeValue, registryDataToJson, RegistryType, registryTypeName, type RegistryData } from './registry/value-data.js';
export { checkBoot } from './boot/boot-check.js';
export {
  bootSeverity,
  type BootCheck,
  type BootCheckInput,
  type BootFinding,
  type BootRemedy,
  type BootVerdict,
  type CheckedDevice,
  type CheckedEntry,
} from './boot/boot-check-result.js';
export { normalId, sameId, sharedIdentities, type BootDisk, type BootPartition } from './boot/boot-disk.js';
export { BootElement } from './boot/boot-elements.js';
export type { BootFlags } from './boot/boot-flags.js';
export {
  bootManager,
  bootObject,
  effectiveElement,
  ownElement,
  readBootStore,
  type BootElementEntry,
  type BootElementValue,
  type BootObject,
  type BootStore,
} from './boot/boot-store.js';
export { checkDevice, type DeviceCheck, type DeviceStatus } from './boot/device-check.js';
export { parseDeviceElement, underlyingDevice, type BootDevice, type PartitionReference } from './boot/device-element.js';
export { bootElementName } from './boot/element-names.js';
export { findBootStores, openBootStore, type BootStoreFile } from './boot/find-boot-stores.js';
export { parseFirmwareVariable, type FirmwareBootEntry } from './boot/firmware-variable.js';
export { gatherWitnesses, type DiskIdentity, type IdentityWitness, type WitnessStore } from './boot/identity-witnesses.js';
export { parseMountedDevice, readMountedDevices, type MountedDevice } from './boot/mounted-devices.js';
export { systemRoots, type SystemRoot } from './boot/system-roots.js';
export { bootObjectKind, wellKnownObjectName, type BootObjectKind } from './boot/object-names.js';
export type { ControlSet } from './machine/control-set.js';
export { openControlSet } from './machine/control-set.js';
export type { CrashSettings } from './machine/crash-settings.js';
export type { FalconSensor } from './machine/falcon-sensor.js';
export { resolveImagePath } from './machine/image-path.js';
export { findInstallations, type FindInstallationsOptions, type WindowsInstallation } from './machine/installations.js';
export { readMachine, type Machine, type OpenMachine, type ProductType, type ReadMachineOptions } from './machine/machine.js';
export type { NetworkInterface } from './machine/network.js';
export { readFileVersion } from './machine/pe-version.js';
export type { WindowsProduct } from './machine/product.js';
export type { SecurityProduct } from './machine/security-products.js';
export type { ServiceEntry, ServiceStart } from './machine/services.js';
export type { StartState } from './machine/start-state.js';
export type { MachineTimeZone } from './machine/time-zone.js';
export type { FileVersion } from './machine/version-resource.js';
export { ianaTimeZone, windowsTimeZones } from './machine/windows-time-zones.js';
export type { ValuePlace } from './registry/hive-context.js';
export { openHiveFile, type HiveFile, type OpenHiveFileOptions } from './registry/hive-file.js';
export {
  checkControlSets,
  checkHiveBins,
  refineHealth,
  type HiveHealth,
  type HiveHealthFinding,
  type HiveHealthFindingId,
  type HiveHealthVerdict,
} from './registry/hive-health.js';
export { faultingInstruction, plainStopCode, stopCodeName } from './crash/bugcheck.js';
export { parseBootStatus, type BootStatus } from './crash/boot-status.js';
export { readCrashDump, type CrashDump, type NamedDriver } from './crash/crash-dump.js';
export {
  readBootStatusFile,
  readCrashEvidence,
  type CrashEvidence,
  type CrashEvidenceOptions,
  type DumpFile,
  type DumpSource,
} from './crash/crash-evidence.js';
export { dumpBits, parseDumpHeader, type DumpHeader, type DumpKind } from './crash/dump-header.js';
export { parseStartupRepairLog, type StartupRepairLog } from './crash/startup-repair.js';
export { parseWerReport, type WerReport } from './crash/wer-report.js';
export { readSystemEvents, type SystemEvent, type SystemEvents, type SystemEventsOptions } from './events/system-events.js';
