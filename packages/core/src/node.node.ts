export { openFile, type FileOptions } from './file-source.node.js';
export { fileSiblings } from './siblings.node.js';
