export { isImageName, isLockName, isSavedStateName } from './file-names.js';
export type { BlockMap, BlockRun, PackedUnit } from './mapped/block-map.js';
export { BlockMappedDisk, type BlockMappedDiskFacts } from './mapped/block-mapped-disk.js';
