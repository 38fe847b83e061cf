import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromProblem, openPorts, portProblem } from '../firewall';
import type { Config } from '../schema';
import { type Checked, isStated } from './rule';

/** The port of an SSH server. */
export const SSH = 22;
export const SSH_SERVERS = /^(ssh|openssh(-server)?|dropbear(-bin)?|tinysshd?)$/;

/** Whether the rules of nftables.service are the user's. */
function bringsRules({ overlay, templates }: Config): boolean {
  return [
    ...overlay.map((folder) => join(folder, RULES)),
    ...templates.flatMap((folder) => [join(folder, RULES), join(folder, `${RULES}.ejs`)]),
  ].some((file) => existsSync(file));
}

const RULES = 'etc/nftables.conf';

/** Checks what the firewall lets in. */
export function checkFirewall(checked: Checked): void {
  const { config, wrong, warn } = checked;
  if (config.firewall === undefined) return;
  const { allow } = config.firewall;
  let fine = true;
  for (const [at, item] of allow.entries()) {
    const keys = ['firewall', 'allow', String(at)];
    const problem = portProblem(item);
    if (problem !== undefined) wrong(typeof item === 'object' ? [...keys, 'port'] : keys, problem);
    const from = typeof item === 'object' ? item.from : [];
    // A default of none is all of them, which a list of none does not look like.
    if (from.length === 0 && isStated(checked, [...keys, 'from']))
      wrong(
        [...keys, 'from'],
        'expected at least one network, found an empty list; leave from out to let everybody in',
      );
    for (const [index, network] of from.entries()) {
      const bad = fromProblem(network);
      if (bad !== undefined) wrong([...keys, 'from', ...(from.length > 1 ? [String(index)] : [])], bad);
      fine &&= bad === undefined;
    }
    fine &&= problem === undefined;
  }
  for (const [at, unit] of config.units.enable.entries())
    if (!bringsRules(config) && /^nftables(\.service)?$/.test(unit))
      wrong(
        ['units', 'enable', String(at)],
        `expected no ${unit} beside \`firewall\`: the rules of its package begin with the removal of all others, and may come last; bring an etc/nftables.conf of your own in \`overlay\``,
      );
  if (!fine || !config.packages.some((name) => SSH_SERVERS.test(name))) return;
  const open = allow
    .map(openPorts)
    .some(({ protocol, first, last }) => protocol === 'tcp' && first <= SSH && SSH <= last);
  if (!open)
    warn(
      ['firewall', 'allow'],
      'nobody can log in by SSH: add 22, or the port that a configuration of your own gives the server',
    );
}
