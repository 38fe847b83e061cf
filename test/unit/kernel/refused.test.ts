import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseKconfig } from '../../../lib/kernel/kconfig';
import { checkRequests } from '../../../lib/kernel/refused';
import { collectRequests } from '../../../lib/kernel/requests';
import { readSymbols, type Symbols } from '../../../lib/kernel/symbols';
import { failure } from './support';

const KCONFIG = `# SPDX
mainmenu "Test"
config NET
	bool "Networking"
	help
	  Say Y.
	  config NOT_A_SYMBOL
	    depends on NOTHING

if NET
source "net/Kconfig"
endif # NET
source "arch/$(SRCARCH)/Kconfig"

choice
	prompt "Allocator"
	depends on NET
config SLUB
	bool "SLUB"
config SLOB
	bool "SLOB" if EXPERT
endchoice

config HIDDEN
	bool

config NR_CPUS
	int "CPUs"
	range 2 LARGEST if NET
	default 8

config LARGEST
	int
	default 512

menu "Drivers"
	depends on PCI && \\
		!TINY
config NIC
	tristate "A card" if EXPERT || NET
	select HIDDEN
	select FIRMWARE if PCI
endmenu
config FIRMWARE
	tristate "Firmware"
config EXPERT
	bool "Expert"
`;

describe("an option that can't be set", () => {
  let source: string;
  let symbols: Symbols;

  before(() => {
    source = mkdtempSync(join(tmpdir(), 'dock0-kconfig-'));
    mkdirSync(join(source, 'net'));
    mkdirSync(join(source, 'arch/x86'), { recursive: true });
    writeFileSync(join(source, 'Kconfig'), KCONFIG);
    writeFileSync(
      join(source, 'net/Kconfig'),
      'config BRIDGE\n\ttristate "Bridge"\n\tdepends on STP || LLC=y # one of them\n',
    );
    writeFileSync(join(source, 'arch/x86/Kconfig'), 'config PCI\n\tbool "PCI"\nconfig TINY\n\tbool "Tiny"\n');
    symbols = readSymbols(source, 'x86');
  });
  after(() => rmSync(source, { recursive: true }));

  const refused = async (fragment: string, config: string): Promise<string> => {
    const requests = collectRequests([{ name: 'net.config', text: fragment }]);
    return (await failure(() => checkRequests(requests, parseKconfig(config), () => symbols))).message;
  };

  it('is named with the fragment, the line, the value it has and the unmet dependency', async () => {
    const message = await refused('# a bridge\nCONFIG_BRIDGE=y\n', 'CONFIG_NET=y\n');
    expect(message).to.equal(
      "net.config:2: CONFIG_BRIDGE=y can't be set (it is n): needs STP || LLC=y (STP is n, LLC is n)",
    );
  });

  it('names what an enclosing if, menu and prompt ask for', async () => {
    expect(await refused('CONFIG_BRIDGE=y', 'CONFIG_STP=y')).to.contain('needs NET (it is n)');
    expect(await refused('CONFIG_NIC=y', 'CONFIG_PCI=y\nCONFIG_TINY=y')).to.contain(
      'needs !TINY (TINY is y) and EXPERT || NET (EXPERT is n, NET is n)',
    );
  });

  it('that the source does not know gets the nearest name', async () => {
    expect(await refused('CONFIG_BRIGDE=y', '')).to.contain('does not know the symbol; did you mean BRIDGE?');
  });

  it('is found although it was asked to be off', async () => {
    expect(await refused('# CONFIG_BRIGDE is not set', '')).to.contain('did you mean BRIDGE?');
  });

  it('reads no help text as definitions', () => {
    expect(symbols.definitions.has('NOT_A_SYMBOL')).to.equal(false);
    expect([...symbols.definitions.keys()]).to.include.members(['BRIDGE', 'PCI', 'SLUB', 'NIC', 'EXPERT']);
  });

  it('tells what else sets a symbol without a prompt', async () => {
    expect(await refused('CONFIG_HIDDEN=y', '')).to.contain('what sets it: NIC');
  });

  it('tells which member of a choice is chosen instead', async () => {
    const config = 'CONFIG_NET=y\nCONFIG_EXPERT=y\nCONFIG_SLUB=y\n';
    expect(await refused('CONFIG_SLOB=y', config)).to.contain('SLUB is chosen instead');
  });

  it('tells the range of a number, and what selects a symbol that was to be off', async () => {
    expect(
      await refused('CONFIG_NR_CPUS=999', 'CONFIG_NET=y\nCONFIG_NR_CPUS=8\nCONFIG_LARGEST=512'),
    ).to.contain('from 2 to 512');
    const config = 'CONFIG_NET=y\nCONFIG_PCI=y\nCONFIG_NIC=y\nCONFIG_FIRMWARE=y\n';
    expect(await refused('# CONFIG_FIRMWARE is not set', config)).to.contain('(it is y): selected by NIC');
  });

  it('tells that a bool is no module and a type does not fit', async () => {
    expect(await refused('CONFIG_PCI=m', 'CONFIG_PCI=y')).to.contain('y or n');
    expect(await refused('CONFIG_NR_CPUS=y', 'CONFIG_NR_CPUS=8')).to.contain('its type is int');
  });

  it('is no error where it is asked for if possible', () => {
    const requests = collectRequests([
      { name: 'a', text: 'CONFIG_UNKNOWN=y # if possible\nCONFIG_BRIDGE=y # if possible\n' },
    ]);
    expect(() => checkRequests(requests, new Map(), () => symbols)).not.to.throw();
  });

  it('comes with all others in one error', async () => {
    const message = await refused('CONFIG_BRIDGE=y\nCONFIG_NIC=y\nCONFIG_NET=y\n', 'CONFIG_NET=y');
    expect(message.split('\n')).to.have.length(2);
  });
});
