/** Most disks have no use for what unlocks a volume: only this module reaches it, and it is loaded on demand. */
export { tryUnlockBitLocker as unlockVolume } from '@deadbox/encryption';
