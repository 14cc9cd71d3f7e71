import { MAX_INTERFACES } from '../limits.js';
import type { RegistryKey } from '../registry/registry-key.js';

/** The addresses of one network interface, as last configured or leased. */
export interface NetworkInterface {
  /** GUID of the interface, in braces as stored. */
  readonly id: string;
  /** `static` addresses are configured, `dhcp` ones were leased last. */
  readonly source: 'static' | 'dhcp';
  readonly addresses: readonly string[];
  /** Subnet masks, in the order of the addresses. */
  readonly masks: readonly string[];
  readonly gateways: readonly string[];
  readonly nameServers: readonly string[];
}

const set = (texts: readonly string[] | undefined): string[] =>
  (texts ?? []).map((text) => text.trim()).filter((text) => text !== '' && text !== '0.0.0.0');
/** Lists of name servers are one text, separated by spaces or commas. */
const split = (text: string | undefined): string[] => set(text?.split(/[\s,]+/));

/** The IPv4 interfaces of `Services\Tcpip\Parameters\Interfaces` that have an address. */
export async function readInterfaces(parameters: RegistryKey | undefined): Promise<NetworkInterface[]> {
  const list = await parameters?.key('Interfaces');
  const result: NetworkInterface[] = [];
  for (const key of (await list?.subkeys(MAX_INTERFACES)) ?? []) {
    const dhcp = (await key.number('EnableDHCP')) === 1;
    const addresses = set(await key.texts(dhcp ? 'DhcpIPAddress' : 'IPAddress'));
    if (addresses.length === 0) continue;
    const fixed = split(await key.text('NameServer'));
    result.push({
      id: key.name,
      source: dhcp ? 'dhcp' : 'static',
      addresses,
      masks: set(await key.texts(dhcp ? 'DhcpSubnetMask' : 'SubnetMask')),
      gateways: set(await key.texts(dhcp ? 'DhcpDefaultGateway' : 'DefaultGateway')),
      nameServers: fixed.length > 0 ? fixed : split(await key.text('DhcpNameServer')),
    });
  }
  return result;
}
