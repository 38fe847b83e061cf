import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { evaluate } from '../../../lib/kernel/expression';
import type { Kconfig } from '../../../lib/kernel/kconfig';
import { checkRequests } from '../../../lib/kernel/refused';
import { collectRequests, type Requests } from '../../../lib/kernel/requests';
import { readSymbols, type Symbols } from '../../../lib/kernel/symbols';
import { PROJECT } from '../../helpers/gulp';
import { failure } from './support';

const FRAGMENTS = join(PROJECT, 'configs/kernel');

/** How symbols that did not stay the same hang together in Linux 6.1. */
const OLD = `
choice
	prompt "Decompressors"
config SQUASHFS_DECOMP_SINGLE
	bool "One"
config SQUASHFS_DECOMP_MULTI_PERCPU
	bool "One a processor"
endchoice
choice
	prompt "Preemption"
config PREEMPT_NONE
	bool "None"
config PREEMPT
	bool "Full"
endchoice
config CRYPTO_GHASH
	tristate "GHASH"
config RETPOLINE
	bool "Retpolines"
config SPECULATION_MITIGATIONS
	bool "Mitigations"
`;

/** And in 7.1: hidden, behind another symbol, renamed, gone. */
const NEW = `
config SQUASHFS_DECOMP_SINGLE
	def_bool n
config SQUASHFS_DECOMP_MULTI_PERCPU
	def_bool n
choice
	prompt "Decompressors"
config SQUASHFS_COMPILE_DECOMP_SINGLE
	bool "One"
	select SQUASHFS_DECOMP_SINGLE
config SQUASHFS_COMPILE_DECOMP_MULTI_PERCPU
	bool "One a processor"
	select SQUASHFS_DECOMP_MULTI_PERCPU
endchoice
config ARCH_NO_PREEMPT
	bool
choice
	prompt "Preemption"
config PREEMPT_NONE
	bool "None"
	depends on ARCH_NO_PREEMPT
config PREEMPT_LAZY
	bool "Lazy"
endchoice
config NETFILTER_XTABLES_LEGACY
	bool "Old tables"
config IP_NF_IPTABLES_LEGACY
	tristate "Old tables, IPv4"
	depends on NETFILTER_XTABLES_LEGACY
config IP6_NF_IPTABLES_LEGACY
	tristate "Old tables, IPv6"
	depends on NETFILTER_XTABLES_LEGACY
${['FILTER', 'MANGLE', 'RAW', 'NAT']
  .flatMap((table) =>
    ['IP', 'IP6'].map((family) => [`${family}_NF_${table}`, `${family}_NF_IPTABLES_LEGACY`]),
  )
  .map(([symbol, needs]) => `config ${symbol}\n\ttristate "Table"\n\tdepends on ${needs}\n`)
  .join('')}
config HID_SUPPORT
	bool "Input devices"
if HID_SUPPORT
config HID
	tristate "Bus"
config HID_GENERIC
	tristate "Any"
	depends on HID
config USB_HID
	tristate "USB"
endif
config MITIGATION_RETPOLINE
	bool "Retpolines"
config CPU_MITIGATIONS
	bool "Mitigations"
`;

describe('the shipped fragments', () => {
  let source: string;
  beforeEach(() => {
    source = mkdtempSync(join(tmpdir(), 'dock0-fragments-'));
  });
  afterEach(() => rmSync(source, { recursive: true }));

  const machines = readdirSync(FRAGMENTS)
    .map((file) => file.replace('.config', ''))
    .filter((name) => !['boot', 'squashfs', 'docker'].includes(name));

  const asked = (machine: string): Requests =>
    collectRequests(
      ['boot', 'squashfs', 'docker', 'kvm', machine].map((name) => ({
        name,
        text: readFileSync(join(FRAGMENTS, `${name}.config`), 'utf8'),
      })),
    );

  /** The symbols of a source with some structure; all else that the fragments insist on is there, and free. */
  const symbolsOf = (structure: string, requests: Requests): Symbols => {
    const own = new Set([...structure.matchAll(/^config (\S+)$/gm)].map(([, symbol]) => symbol));
    const plain = [...requests]
      .filter(([symbol, { optional }]) => !optional && !own.has(symbol))
      .map(([symbol, { value }]) => {
        const type = value.startsWith('"') ? 'string' : /^\d/.test(value) ? 'int' : 'bool';
        return `config ${symbol}\n\t${type} "${symbol}"\n`;
      });
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'Kconfig'), structure + plain.join(''));
    return readSymbols(source, 'x86');
  };

  for (const machine of machines) {
    for (const [version, structure] of [
      ['6.1', OLD],
      ['7.1', NEW],
    ] as const) {
      it(`can all be set in a source like Linux ${version}, for ${machine}`, () => {
        const requests = asked(machine);
        const symbols = symbolsOf(structure, requests);
        const config = settle(requests, symbols);
        checkRequests(requests, config, () => symbols);
        expect(config.get('SQUASHFS_DECOMP_MULTI_PERCPU')).to.equal('y');
        expect(config.get('IP6_NF_RAW')).to.equal('y');
      });
    }
  }

  it('are refused by name where a source asks for what they do not state', async () => {
    const requests = asked('kvm');
    const symbols = symbolsOf(`${NEW}config SQUASHFS\n\ttristate "S"\n\tdepends on BLOCKS\n`, requests);
    const error = await failure(() => checkRequests(requests, settle(requests, symbols), () => symbols));
    expect(error.message).to.match(/^squashfs:\d+: CONFIG_SQUASHFS=y can't be set .* needs BLOCKS/);
  });
});

/** What the requests come to: a symbol is what is asked where it is offered, or what selects it makes it. */
function settle(requests: Requests, { definitions, selects }: Symbols): Kconfig {
  let config: Kconfig = new Map();
  for (let before = -1; before !== config.size; ) {
    before = config.size;
    const lookup = (name: string): string | undefined => config.get(name);
    const next: Kconfig = new Map();
    for (const [symbol, places] of definitions) {
      const offered = places.some(
        ({ prompt, conditions }) => prompt && conditions.every((text) => evaluate(text, lookup) > 0),
      );
      const value = requests.get(symbol)?.value ?? 'n';
      const selected = (selects.get(symbol) ?? []).some(({ by }) => config.get(by) === 'y');
      if (selected) next.set(symbol, 'y');
      else if (offered && value !== 'n') next.set(symbol, value);
    }
    config = next;
  }
  return config;
}
