import { readCompose } from '../compose';
import { readPort } from '../port';
import { type Taken, takenBy, takenByService } from './ports';
import type { Checked } from './rule';

/** Checks the file of Compose. */
export function checkCompose({ config: { compose: file }, wrong, warn }: Checked): void {
  if (file === undefined) return;
  const { problems, warnings } = readCompose(file);
  for (const problem of problems) wrong(['compose'], problem);
  for (const warning of warnings) warn(['compose'], warning);
}

/** Checks the ports of the file of Compose, beside those of `containers`. */
export function checkComposePorts({ config, wrong, warn }: Checked): void {
  if (config.compose === undefined) return;
  const taken = Object.entries(config.containers).flatMap(([name, { ports }]) =>
    ports.flatMap((stated, at): Taken[] => {
      const port = readPort(stated);
      return 'problem' in port ? [] : [{ port, of: `containers.${name}.ports.${at}` }];
    }),
  );
  for (const { place, of, stated, port } of readCompose(config.compose).ports) {
    const other = takenBy(port, stated, taken);
    const ofServer = takenByService(port, config);
    if (other !== undefined) wrong(['compose'], `${place}: ${other}`);
    else if (ofServer !== undefined) warn(['compose'], `${place}: ${ofServer}`);
    taken.push({ port, of });
  }
}
