export { BOOT_LOG_ENTRY, BOOT_LOG_HEADER } from './boot/boot-log.js';
export { BOOT_STATUS } from './boot/boot-status.js';
