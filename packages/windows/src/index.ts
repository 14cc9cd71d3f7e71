export type { WindowsErrorCode, WindowsIssueCode } from './errors.js';
export { BASE_BLOCK_BYTES, type BaseBlock } from './registry/base-block.js';
export { Hive, type HiveLogSources, type HiveLogState, type HiveOptions, type HiveState } from './registry/hive.js';
export { registryLine, type RegistryLine, type RegistryRow, type WalkOptions } from './registry/hive-walk.js';
export { RegistryKey } from './registry/registry-key.js';
export { RegistryValue } from './registry/registry-value.js';
export { decodeValue, registryDataToJson, RegistryType, registryTypeName, type RegistryData } from './registry/value-data.js';
