import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeImage } from '../helpers/container-image';
import { inDockerBox } from '../helpers/docker-box';
import { gulp, PROJECT, workFolder } from '../helpers/gulp';

const SECRET = 'only-the-container-sees-it';
const SLEEP = ['sh', '-c', 'trap exit TERM; sleep 1000000 & wait'];
const WEB = {
  image: 'web:1',
  environment: { WORD: 'two  words' },
  secrets: { token: SECRET },
  user: '0:0',
  command: [
    'sh',
    '-c',
    'trap exit TERM\ncat /text\necho "$WORD \\\\ $(cat /run/secrets/token)"\nls -l /run/secrets/token\nsleep 1000000 &\nwait',
  ],
};
const DB = { image: 'db:1', memory: '32M', volumes: ['data:/data'], command: SLEEP };

/** Starts programs of containers, and says after a while what there is. */
const start = (...names: string[]): string => `
run() {
  /usr/lib/dock0/container "$1" 2>&1 &
  echo $! >"/run/box/pid-$1"
  wait $!
  echo "$1 said $?"
}
for name in ${names.join(' ')}; do run "$name" >"/run/box/said-$name" & done
until_said() {
  tries=0
  until grep -qE "$2" "/run/box/said-$1" || [ "$tries" -ge 180 ]; do sleep 1; tries=$((tries + 1)); done
}
for name in ${names.join(' ')}; do until_said "$name" ' (runs|does not start)'; done
sleep 5
docker ps --all --no-trunc --format '{{.Names}} is {{.ID}} {{.State}}'
`;

describe('the programs of containers, with the Docker of an image', () => {
  const work = workFolder();
  const release = (name: string): string => work.path(`build/${name}/current`);
  const box = (name: string, steps: string): Promise<string[]> =>
    inDockerBox(work.path('box'), release(name), steps, [join(PROJECT, 'hooks/vm/own-containers')]);
  const fact = (lines: readonly string[], begin: string): string | undefined =>
    lines.find((line) => line.startsWith(begin))?.slice(begin.length);

  before(async () => {
    writeImage(work.path('web.tar'), ['web:1'], 'of the web');
    writeImage(work.path('db.tar'), ['db:1'], 'of the db');
    const build = async (name: string, containers: object): Promise<void> => {
      const images = ['./web.tar', './db.tar'];
      const config = { include: 'default', name, images, containers, install: { target: 'directory' } };
      writeFileSync(work.path(`${name}.yaml`), JSON.stringify(config));
      const { code, output } = await gulp(['build', '--config', `${name}.yaml`], { cwd: work.path() });
      expect(code, output).to.equal(0);
    };
    await build('good', { web: { ...WEB, depends_on: ['db'] }, db: DB });
    await build('bad', {
      web: { ...WEB, environment: { WORD: 'changed' } },
      db: DB,
      crash: { image: 'db:1', command: ['sh', '-c', 'echo it is broken; exit 3'] },
      missing: { image: 'registry.invalid/none:1' },
    });
    mkdirSync(work.path('box'));
  });

  let before1: string[] = [];

  it('give Docker the images once, and run containers until they are stopped', async () => {
    const said = await box(
      'good',
      `/usr/lib/dock0/load-images; echo again; /usr/lib/dock0/load-images
${start('db', 'web')}
docker logs web
stat -c 'secret %a %F' /run/dock0/secrets/web/token
stat -f -c 'secrets on %T' /run/dock0/secrets/web
docker container inspect --format 'memory {{.HostConfig.Memory}}' db
kill "$(cat /run/box/pid-db)" "$(cat /run/box/pid-web)"
for name in db web; do until_said "$name" ' said '; done
cat /run/box/said-*
`,
    );
    const all = said.join('\n');
    expect(all).to.match(/loading web:1\n(.*\n)?loading db:1\n(.*\n)?again\n/);
    expect(all.match(/loading/g)).to.have.length(2);
    expect(fact(said, 'web is ')).to.match(/ running$/);
    expect(fact(said, 'db is ')).to.match(/ running$/);
    expect(all).to.match(
      new RegExp(`of the web\ntwo {2}words .* ${SECRET}\n-rw------- .* /run/secrets/token\nsecret 600`),
    );
    expect(fact(said, 'secrets on ')).to.equal('tmpfs');
    expect(fact(said, 'memory ')).to.equal(String(32 * 2 ** 20));
    expect(all, all).to.contain('db said 0').and.contain('web said 0');
    before1 = said;
  });

  it('leave a container alone, make a changed one anew, and fail for one without holding up the others', async () => {
    const said = await box(
      'bad',
      `/usr/lib/dock0/load-images
${start('db', 'web', 'crash', 'missing')}
docker logs web
here=/run/box
printf 'runs:%s container %s always\\n' web web db db crash crash >/run/box/own-containers.list
report() { echo "$*"; }
. /run/box/own-containers
own_patience=10
check_own_containers
cat /run/box/said-*
docker tag db:1 web:1
/usr/lib/dock0/load-images
docker image inspect --format 'web:1 is {{.Id}}' web:1
docker rm -f crash >/dev/null
docker create --name crash db:1 >/dev/null
/usr/lib/dock0/container crash 2>&1 || true
`,
    );
    const all = said.join('\n');
    expect(all).to.not.contain('loading');
    expect(fact(said, 'db is '), all).to.equal(fact(before1, 'db is '));
    expect(fact(said, 'web is ')).to.match(/ running$/);
    expect(fact(said, 'web is ')).to.not.equal(fact(before1, 'web is '));
    expect(all).to.contain('its definition or its image changed: web is made anew').and.contain('\nchanged ');
    expect(all).to.contain('crash said 3').and.contain('missing said 1');
    expect(all).to.contain('missing does not start: there is no image registry.invalid/none:1');
    expect(all)
      .to.match(/^ok runs:web since /m)
      .and.match(/^ok runs:db since /m);
    expect(all).to.match(/^failed runs:crash ended with 3, its log: it is broken$/m);
    expect(fact(said, 'web:1 is ')).to.match(/^sha256:/);
    expect(all).to.contain('crash does not start: there is a container of that name that somebody else made');
  });
});
