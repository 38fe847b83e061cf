import type { BadInput } from '../table';

/** Files of Compose. */
export const CASES: BadInput[] = [
  {
    name: 'Compose without Docker',
    config: 'docker: {enabled: false}\ncompose: ./compose.yaml\n',
    files: { 'compose.yaml': 'services: {web: {image: nginx}}\n' },
    says: 'dock0.yaml:2:10: compose: expected nothing that runs in Docker: docker.enabled is false',
  },
  {
    name: 'a file of Compose that there is not',
    config: 'compose: ./compose.yaml\n',
    says: 'dock0.yaml:1:10: compose: expected a file, found "./compose.yaml": no such file or folder',
  },
  ...(
    [
      [
        'that is no YAML',
        'services: [\n',
        'compose.yaml:1:11: this [ is never closed\n    services: [\n              ^',
      ],
      [
        'without services',
        'web: {image: nginx}\n',
        'compose.yaml:1:1: services: expected a map of services, found nothing',
      ],
      [
        'whose service is built',
        'services:\n  web: {build: .}\n',
        'compose.yaml:2:3: services.web: expected an image: the machine builds none; build it beforehand, and name it here and in `images`',
      ],
      [
        'that takes another file',
        'services:\n  web: {image: nginx, env_file: web.env}\n',
        'compose.yaml:2:33: services.web.env_file: expected nothing of a file beside this one, which the machine does not have: an absolute path',
      ],
      [
        'whose secret is in another file',
        'services: {web: {image: nginx}}\nsecrets:\n  key: {file: ./key}\n',
        'compose.yaml:3:15: secrets.key.file: expected nothing of a file beside this one, which the machine does not have: an absolute path',
      ],
      [
        'that includes another',
        'include: [./db.yaml]\nservices: {web: {image: nginx}}\n',
        'compose.yaml:1:1: include: expected nothing of a file beside this one, which the machine does not have: an absolute path',
      ],
      [
        'whose service is a word',
        'services: {web: nginx}\n',
        'compose.yaml:1:17: services.web: expected a map, found "nginx"',
      ],
    ] as const
  ).map(([what, text, problem]) => ({
    name: `a file of Compose ${what}`,
    config: 'compose: ./compose.yaml\n',
    files: { 'compose.yaml': text },
    says: `dock0.yaml:1:10: compose: ${problem}`,
  })),
  {
    name: 'a port of Compose that a container has',
    config:
      "packages: [docker-compose]\ncompose: compose.yaml\ncontainers: {web: {image: nginx, ports: ['127.0.0.1:80:80']}}\n",
    files: {
      'compose.yaml':
        'services:\n  app:\n    image: app\n    restart: always\n    ports:\n      - "8080:80"\n      - 80:8080\n',
    },
    says: 'dock0.yaml:2:10: compose: compose.yaml:7:9: services.app.ports.1: expected a port of its own, found "80:8080", which containers.web.ports.0 has',
  },
  {
    name: 'one port of two services of Compose, in a range and in a map',
    config: 'packages: [docker-compose]\ncompose: compose.yaml\n',
    files: {
      'compose.yaml':
        'services:\n  a: {image: a, restart: always, ports: ["8000-8010:80-90"]}\n  b: {image: b, restart: always, ports: [{target: 80, published: "8005"}]}\n',
    },
    says: 'dock0.yaml:2:10: compose: compose.yaml:3:42: services.b.ports.0: expected a port of its own, found "8005:80", which services.a.ports.0 has',
  },
  {
    name: 'several containers of a service of Compose with one port',
    config: 'packages: [docker-compose]\ncompose: compose.yaml\n',
    files: {
      'compose.yaml':
        'services:\n  a: {image: a, restart: always, deploy: {replicas: 2}, ports: ["81", "8080:80"]}\n',
    },
    says: 'dock0.yaml:2:10: compose: compose.yaml:2:71: services.a.ports.1: expected a range such as 8000-8001:80, found "8080:80": 2 containers of the service cannot all have it',
  },
  {
    name: 'a service of Compose that is scaled, with a port in a map',
    config: 'packages: [docker-compose]\ncompose: compose.yaml\n',
    files: {
      'compose.yaml':
        'services:\n  a: {image: a, restart: always, scale: 3, ports: [{target: 80, published: "8005"}]}\n',
    },
    says: 'dock0.yaml:2:10: compose: compose.yaml:2:52: services.a.ports.0: expected a range such as 8000-8002:80, found "8005:80": 3 containers of the service cannot all have it',
  },
];
