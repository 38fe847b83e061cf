import { expect } from 'chai';
import { cardsOf } from '../../../lib/vm/cards';
import { promisedOf } from '../../../lib/vm/promised';
import { cleanUp, load } from '../config/workspace';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me';
const PACKAGES = ['docker.io', 'systemd-resolved', 'openssh-server'];
const config = (text: string) =>
  load({ 'dock0.yaml': `distribution: debian\nrelease: bookworm\n${text}` }).base;
const names = async (text: string, packages = PACKAGES) =>
  (await promisedOf(config(text), packages)).rows.map(({ name }) => name);

describe('the network of the machine of verify', () => {
  afterEach(cleanUp);

  it('is one card without interfaces, and none without a network', () => {
    expect(cardsOf(config(''))).to.deep.include({
      cards: [{ net: '10.0.2' }],
      name: undefined,
      host: '10.0.2.2',
    });
    expect(cardsOf(config('verify: {network: none}\n')).cards).to.deep.equal([]);
  });

  it('has a card for each interface that is not made of others, with its name, and one more to the build host', () => {
    const { cards, files, name, host, guest } = cardsOf(
      config(`network:
  interfaces:
    'en*': {dhcp: true}
    eth1: {}
    eth0: {addresses: [10.213.77.7/24]}
    'mac:52:54:00:12:34:56': {}
    lan: {vlan: {id: 7, on: eth0}}
`),
    );
    expect(cards.map(({ mac, net }) => `${mac} ${net}`)).to.deep.equal([
      '52:54:00:d0:c0:01 10.213.79',
      '52:54:00:d0:c0:02 10.213.80',
      '52:54:00:d0:c0:03 10.213.81',
      '52:54:00:12:34:56 10.213.82',
      '52:54:00:d0:c0:00 10.213.78',
    ]);
    expect([name, host, guest]).to.deep.equal(['dock0test', '10.213.78.2', '10.213.78.15']);
    const links = Object.values(files).map((file) =>
      'text' in file ? /\nName=(.*)/.exec(file.text)?.[1] : '',
    );
    expect(links).to.deep.equal(['dock0test', 'eth0', 'eth1', 'env0', 'dock0test']);
  });
});

describe('what verify checks of the network', () => {
  afterEach(cleanUp);

  it('is what the configuration promises', async () => {
    expect(await names('')).to.deep.equal(['resolver']);
    expect(await names('', ['docker.io'])).to.deep.equal([]);
    expect(await names('docker: {daemon: {dns: [192.0.2.1]}}\n')).to.deep.equal([]);
    const all = `network: {interfaces: {eth0: {dhcp: true}}}
firewall: {allow: [22, {port: 80, from: 192.0.2.0/24}]}
users:
  deploy: {ssh_keys: '${KEY}'}
  none: {}
  tunnel: {ssh_keys: '${KEY}', shell: /usr/sbin/nologin}
`;
    expect(await names(all)).to.deep.equal([
      'interface:eth0',
      'resolver',
      'firewall-open',
      'firewall-closed',
      'firewall-published',
      'login:deploy',
    ]);
    expect(await names(`${all}verify: {network: none}\n`)).to.deep.equal(['resolver']);
    expect(await names(all.replace('[22, ', '['))).not.to.include.members(['firewall-open', 'login:deploy']);
  });

  it('tries a port that is not allowed, and expects of a published one what the firewall says', async () => {
    const ports = async (allow: string) =>
      (await promisedOf(config(`firewall: {allow: ${allow}}\n`), PACKAGES)).ports;
    expect(await ports('[22, 8000-8041/tcp]')).to.deep.equal([
      { row: 'firewall-open', port: 22, open: true },
      { row: 'firewall-closed', port: 7999, open: false },
      { row: 'firewall-published', port: 8042, open: false },
    ]);
    expect((await ports('[8042]')).at(-1)).to.deep.include({ row: 'firewall-published', open: true });
  });

  it('is an address as the kernel writes it, and DHCP where somebody answers', async () => {
    const { interfaces } = await promisedOf(
      config(`network:
  interfaces:
    eth0: {addresses: ['2001:DB8:0:0::7/64', 192.0.2.7/24], gateway: 'FE80::1'}
    'mac:52:54:00:AB:CD:EF': {dhcp: true}
    lan: {vlan: {id: 7, on: eth0}, dhcp: true}
`),
      PACKAGES,
    );
    expect(interfaces.split('\n').filter(Boolean)).to.deep.equal([
      'interface:eth0\teth0\tno\t2001:db8::7/64 192.0.2.7/24\tfe80::1',
      'interface:mac:52:54:00:AB:CD:EF\tmac:52:54:00:ab:cd:ef\tyes\t-\t-',
      'interface:lan\tlan\tno\t-\t-',
    ]);
  });
});
