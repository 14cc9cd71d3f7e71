import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, registryEvidence } from '../session/found.js';

/**
 * Services that the logon waits for; those that a version does not have are left out. PlugPlay is started on demand on
 * healthy machines.
 */
const AUTOMATIC = ['RpcSs', 'DcomLaunch', 'RpcEptMapper', 'Power', 'BrokerInfrastructure', 'SystemEventsBroker', 'LSM'];
const START_AUTOMATIC = 2;

/** The services that share the process of RPC were torn apart, or one that the logon waits for is not started. */
export const rpcHost: InstallationDetector = {
  causes: ['rpc-host-split'],
  async detect(subject, options) {
    const set = await subject.controlSet(options);
    const services = await set?.key.key('Services');
    if (services === undefined) return [];
    const found: FoundCause[] = [];
    const mapper = await services.key('RpcEptMapper');
    const [ofMapper, ofRpc] = [await mapper?.text('ImagePath'), await (await services.key('RpcSs'))?.text('ImagePath')];
    if (mapper !== undefined && ofMapper !== undefined && ofRpc !== undefined && plain(ofMapper) !== plain(ofRpc))
      found.push(
        foundIn(subject, 'rpc-host-split', {
          severity: 'act',
          confidence: 'strong',
          data: { key: mapper.path, name: 'ImagePath', mapper: ofMapper, rpc: ofRpc },
          evidence: await registryEvidence(subject, 'SYSTEM', mapper, 'ImagePath', options),
        }),
      );
    for (const name of AUTOMATIC) {
      const key = await services.key(name);
      const start = await key?.number('Start');
      if (key === undefined || start === undefined || start === START_AUTOMATIC) continue;
      found.push(
        foundIn(subject, 'rpc-host-split', {
          severity: 'act',
          confidence: 'strong',
          data: { key: key.path, name: 'Start', service: name, start },
          evidence: await registryEvidence(subject, 'SYSTEM', key, 'Start', options),
        }),
      );
    }
    return found;
  },
};

/** Healthy machines write the same command in different cases. */
function plain(command: string): string {
  return command.trim().replace(/\s+/g, ' ').toLowerCase();
}
