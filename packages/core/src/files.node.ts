export { FolderTree } from './folder-tree.node.js';
export type { NbdPatience } from './nbd/nbd-connection.node.js';
export { type NbdOptions, openNbd } from './nbd/nbd-source.node.js';
export { type FileOptions, openFile } from './sources/file-source.node.js';
export { openError } from './sources/open-error.node.js';
export { fileSiblings, type SiblingOptions } from './sources/siblings.node.js';
