import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BadInput } from '../table';

const web = (keys: string): string => `containers:\n  web: {image: nginx, ${keys}}\n`;

/** A tar archive with these files. */
function tar(...names: string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'dock0-tar-'));
  try {
    for (const name of names) writeFileSync(join(folder, name), '[]');
    execFileSync('tar', ['-c', '-C', folder, '-f', join(folder, 'x'), ...names]);
    return readFileSync(join(folder, 'x'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ARCHIVE = 'expected an archive of `docker save` or a folder in the layout of OCI, found';

/** Containers, and images of the release. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a container without an image',
    config: 'containers: {web: {}}\n',
    says: 'dock0.yaml:1:14: containers.web.image: expected an image such as nginx:1.27 or registry.example:5000/web@sha256:…, found nothing',
  },
  {
    name: 'an image in capitals',
    config: 'containers: {web: {image: Nginx}}\n',
    says: 'dock0.yaml:1:27: containers.web.image: expected an image such as nginx:1.27 or registry.example:5000/web@sha256:…, found "Nginx"',
  },
  {
    name: 'a container whose name Docker does not take',
    config: 'containers: {we/b: {image: nginx}}\n',
    says: 'dock0.yaml:1:14: containers.we/b: expected a container name of 2 to 63 letters, digits, ., _ and -, found "we/b"',
  },
  {
    name: 'containers without Docker',
    config: 'docker: {enabled: false}\ncontainers: {web: {image: nginx}}\n',
    says: 'dock0.yaml:2:14: containers.web: expected nothing that runs in Docker: docker.enabled is false',
  },
  {
    name: 'a port that is no port',
    config: web('ports: [http]'),
    says: 'dock0.yaml:2:31: containers.web.ports.0: expected [ADDRESS:]PORT:PORT[/udp], the port of the machine first, found "http"',
  },
  {
    name: 'a port of the container alone',
    config: web("ports: ['80']"),
    says: 'dock0.yaml:2:31: containers.web.ports.0: expected [ADDRESS:]PORT:PORT[/udp], the port of the machine first, found "80"',
  },
  {
    name: 'a port that is too large',
    config: web("ports: ['80:65536']"),
    says: 'dock0.yaml:2:31: containers.web.ports.0: expected ports from 1 to 65535, found "80:65536"',
  },
  {
    name: 'ranges of ports that differ in length',
    config: web("ports: ['8000-8010:8000-8011']"),
    says: 'dock0.yaml:2:31: containers.web.ports.0: expected two ranges of the same length, found "8000-8010:8000-8011"',
  },
  {
    name: 'a range of ports that goes down',
    config: web("ports: ['8010-8000:8010-8000']"),
    says: 'dock0.yaml:2:31: containers.web.ports.0: expected a range that goes up, found "8010-8000:8010-8000"',
  },
  {
    name: 'a port of an address that is none',
    config: web("ports: ['127.0.0.256:80:80']"),
    says: 'dock0.yaml:2:31: containers.web.ports.0: expected an address such as 127.0.0.1 or [::1], found "127.0.0.256:80:80"',
  },
  {
    name: 'a port that another container has',
    config: `${web("ports: ['8000-8010:8000-8010']")}  db: {image: nginx, ports: ['127.0.0.1:8005:80']}\n`,
    says: 'dock0.yaml:3:30: containers.db.ports.0: expected a port of its own, found "127.0.0.1:8005:80", which containers.web.ports.0 has',
  },
  {
    name: "ports of a container in the machine's own network",
    config: web("networks: host, ports: ['80:80']"),
    says: "dock0.yaml:2:47: containers.web.ports.0: expected none: in the network host a container's ports are those of the machine",
  },
  {
    name: 'a volume with a relative source',
    config: web("volumes: ['./data:/data']"),
    says: 'dock0.yaml:2:33: containers.web.volumes.0: expected an absolute path, or the name of a volume of two letters or more, in front of the colon, found "./data:/data"',
  },
  {
    name: 'a volume with a relative path',
    config: web("volumes: ['data:data']"),
    says: 'dock0.yaml:2:33: containers.web.volumes.0: expected an absolute path in the container behind the colon, found "data:data"',
  },
  {
    name: 'a volume of one path',
    config: web('volumes: [/data]'),
    says: 'dock0.yaml:2:33: containers.web.volumes.0: expected SOURCE:PATH[:OPTIONS], found "/data"',
  },
  {
    name: 'two volumes on one path of a container',
    config: web("volumes: ['a1:/data', 'b1:/data/']"),
    says: 'dock0.yaml:2:45: containers.web.volumes.1: expected each path once, found "b1:/data/"',
  },
  {
    name: 'a variable whose name is none',
    config: web('environment: {1A: x}'),
    says: 'dock0.yaml:2:37: containers.web.environment.1A: expected the name of a variable, found "1A"',
  },
  {
    name: 'a variable of two lines',
    config: web('environment: {A: "x\\ny"}'),
    says: 'dock0.yaml:2:40: containers.web.environment.A: expected a text of one line, found "x\\ny"',
  },
  {
    name: 'a file of variables that there is not',
    config: web('env_file: ./web.env'),
    says: 'dock0.yaml:2:33: containers.web.env_file: expected a file, found "./web.env": no such file or folder',
  },
  {
    name: 'a file of variables with something else in it',
    config: web('env_file: ./web.env'),
    files: { 'web.env': '# fine\nA=1\nexport B=2\n' },
    says: 'dock0.yaml:2:33: containers.web.env_file.0: expected NAME=VALUE lines in web.env, line 3 is something else',
  },
  {
    name: 'a secret that is too short to be hidden',
    config: web('secrets: {token: short}'),
    says: 'dock0.yaml:2:40: containers.web.secrets.token: expected a text of at least 8 characters, found something else',
  },
  {
    name: 'a network that is spelt otherwise elsewhere',
    config: `${web('networks: [front]')}  db: {image: nginx, networks: [front]}\n  new: {image: nginx, networks: [fornt]}\n`,
    says: 'dock0.yaml:4:34: containers.new.networks.0: unknown network fornt, that no other container is in; did you mean front?',
  },
  {
    name: "the machine's own network beside others",
    config: web('networks: [front, host]'),
    says: 'dock0.yaml:2:41: containers.web.networks.1: expected host alone, found it with other networks',
  },
  {
    name: 'a command in one text',
    config: web('command: nginx -g x'),
    says: 'dock0.yaml:2:32: containers.web.command: expected a list of words, found "nginx -g x"',
  },
  {
    name: "a word of Docker's for restart",
    config: web('restart: unless-stopped'),
    says: 'dock0.yaml:2:32: containers.web.restart: expected one of always, on-failure, no, found "unless-stopped"; did you mean always?',
  },
  {
    name: 'a user with a colon too much',
    config: web("user: '1000:1000:1000'"),
    says: 'dock0.yaml:2:29: containers.web.user: expected a user or user:group, names or numbers, found "1000:1000:1000"',
  },
  {
    name: 'a size of memory that is none',
    config: web('memory: 256MB'),
    says: 'dock0.yaml:2:31: containers.web.memory: expected a size such as 512M or 4G, found "256MB"',
  },
  {
    name: 'less memory than Docker gives',
    config: web('memory: 5M'),
    says: 'dock0.yaml:2:31: containers.web.memory: expected at least 6M, found 5M: Docker gives no less',
  },
  {
    name: 'a container that waits for one that there is not',
    config: `${web('depends_on: [bd]')}  db: {image: nginx}\n`,
    says: 'dock0.yaml:2:36: containers.web.depends_on.0: expected one of `containers`, found "bd"; did you mean db?',
  },
  {
    name: 'containers that wait for each other',
    config: `${web('depends_on: [db]')}  db: {image: nginx, depends_on: [cache]}\n  cache: {image: nginx, depends_on: [web]}\n`,
    says: 'dock0.yaml:2:36: containers.web.depends_on.0: containers wait for each other: web -> db -> cache -> web',
  },
  {
    name: 'a container that waits for itself',
    config: web('depends_on: [web]'),
    says: 'dock0.yaml:2:36: containers.web.depends_on.0: containers wait for each other: web -> web',
  },
  {
    name: 'an archive without ./ in front of it',
    config: 'images: [web.tar]\n',
    says: 'dock0.yaml:1:10: images.0: expected ./ in front of the name of a file, found "web.tar"',
  },
  {
    name: 'an image whose file there is not',
    config: 'images: [./web.tar]\n',
    says: 'dock0.yaml:1:10: images.0: expected an image such as nginx:1.27, or a path such as ./web.tar, found "./web.tar": no such file or folder',
  },
  {
    name: "an image with skopeo's transport",
    config: "images: ['oci-archive:./web.tar']\n",
    says: 'dock0.yaml:1:10: images.0: expected a reference without oci-archive:, or the path of an archive or folder, found "oci-archive:./web.tar"',
  },
  {
    name: 'a reference in capitals',
    config: 'images: [NGINX]\n',
    says: 'dock0.yaml:1:10: images.0: expected an image such as nginx:1.27, found "NGINX"; did you mean nginx?',
  },
  {
    name: 'an image twice',
    config: "images: [nginx, 'docker.io/library/nginx:latest']\n",
    says: 'dock0.yaml:1:17: images.1: expected each image once, found that of images.0 again',
  },
  {
    name: 'a digest without a tag',
    config: `images: ['nginx@sha256:${'0'.repeat(64)}']\n`,
    says: `dock0.yaml:1:10: images.0: expected a tag in front of the digest, by which containers name the image, found "nginx@sha256:${'0'.repeat(64)}"`,
  },
  {
    name: 'an archive in the format of OCI',
    config: 'images: ./web.tar\n',
    files: { 'web.tar': tar('oci-layout', 'index.json') },
    says: `dock0.yaml:1:9: images.0: ${ARCHIVE} web.tar: it is an archive in the format of OCI: unpack it into a folder, and name that`,
  },
  {
    name: 'an archive that is compressed',
    config: 'images: ./web.tar.gz\n',
    files: { 'web.tar.gz': Buffer.from([0x1f, 0x8b, 8, 0]) },
    says: `dock0.yaml:1:9: images.0: ${ARCHIVE} web.tar.gz: it is no tar archive, or one that is compressed or cut off`,
  },
  {
    name: 'an archive of a container, not of an image',
    config: 'images: ./web.tar\n',
    files: { 'web.tar': tar('passwd') },
    says: `dock0.yaml:1:9: images.0: ${ARCHIVE} web.tar: it has no manifest.json; \`docker save\` makes an archive of an image, \`docker export\` does not`,
  },
  {
    name: 'an archive of images without names',
    config: 'images: ./web.tar\n',
    files: { 'web.tar': tar('manifest.json') },
    says: `dock0.yaml:1:9: images.0: ${ARCHIVE} web.tar: its images have no name: save them by name, \`docker save web:1\``,
  },
  {
    name: 'a folder that is no layout of OCI',
    config: 'images: ./web\n',
    files: { 'web/index.html': '' },
    says: `dock0.yaml:1:9: images.0: ${ARCHIVE} web: it is a folder without a file oci-layout`,
  },
  {
    name: 'a misspelt mode of a volume of a container',
    config: "containers: {web: {image: nginx, volumes: ['data:/x:r0']}}\n",
    says: 'dock0.yaml:1:44: containers.web.volumes.0: expected modes such as ro behind the second colon; did you mean ro?, found "data:/x:r0"',
  },
  {
    name: 'a volume of a container with both modes',
    config: "containers: {web: {image: nginx, volumes: ['data:/x:ro,rw']}}\n",
    says: 'dock0.yaml:1:44: containers.web.volumes.0: expected ro or rw, not both, found "data:/x:ro,rw"',
  },
  {
    name: 'a mode of folders for a volume of Docker',
    config: "containers: {web: {image: nginx, volumes: ['data:/x:rshared']}}\n",
    says: 'dock0.yaml:1:44: containers.web.volumes.0: expected modes such as ro behind the second colon, found "data:/x:rshared"',
  },
  {
    name: 'a port on an address that is none',
    config: "containers: {web: {image: nginx, ports: ['[1:2]:80:80']}}\n",
    says: 'dock0.yaml:1:42: containers.web.ports.0: expected an address such as 127.0.0.1 or [::1], found "[1:2]:80:80"',
  },
  {
    name: 'one port on two spellings of an address',
    config: "containers: {web: {image: nginx, ports: ['[::1]:80:80', '[0:0::1]:80:81']}}\n",
    says: 'dock0.yaml:1:57: containers.web.ports.1: expected a port of its own, found "[0:0::1]:80:81", which containers.web.ports.0 has',
  },
  {
    name: 'ports without a network',
    config: "containers: {web: {image: nginx, networks: none, ports: ['80:80']}}\n",
    says: 'dock0.yaml:1:58: containers.web.ports.0: expected none: nothing reaches the network none',
  },
  {
    name: 'a user with a number that Docker refuses',
    config: 'containers: {web: {image: nginx, user: "99999999999"}}\n',
    says: 'dock0.yaml:1:40: containers.web.user: expected an id of at most 2147483647, found 99999999999',
  },
  {
    name: 'a container with a name of one letter',
    config: 'containers: {w: {image: nginx}}\n',
    says: 'dock0.yaml:1:14: containers.w: expected a container name of 2 to 63 letters, digits, ., _ and -, found "w"',
  },
  {
    name: 'an image with a name that is too long',
    config:
      'containers: {web: {image: a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/ab}}\n',
    says: 'dock0.yaml:1:27: containers.web.image: expected a name of at most 255 letters in front of the tag',
  },
  {
    name: 'an image of the release with a name that is too long',
    config:
      'images: [a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/ab]\n',
    says: 'dock0.yaml:1:10: images.0: expected a name of at most 255 letters in front of the tag',
  },
];
