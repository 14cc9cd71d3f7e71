import type { SettingFacts, SettingFault, SettingFaultId } from '@deadbox/report/internals';

/** A default that the user has set cannot be followed: no verb runs until it is mended. */
export class SettingError extends Error {
  readonly fault: SettingFault;

  constructor(fault: SettingFault) {
    super(fault.id);
    this.fault = fault;
  }
}

/** Such a fault, by id with its facts. */
export function settingError<Id extends SettingFaultId>(id: Id, facts: SettingFacts[Id]): SettingError {
  return new SettingError({ id, facts } as unknown as SettingFault);
}
