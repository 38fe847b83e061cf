import { IMAGE_REFERENCE } from '../image-reference';
import {
  choice,
  either,
  fields,
  key,
  list,
  map,
  paths,
  required,
  size,
  text,
  treated,
  whole,
  yesNo,
} from './kinds';

/** What Docker takes for the name of a container, a network or a volume. */
const NAME = '[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}';

const containerName = () =>
  text(
    'a container name of 2 to 63 letters, digits, ., _ and -',
    // It is part of a unit's name and of a path; Docker takes none of one letter.
    new RegExp(`^(?=..)${NAME}$`),
  );

/** A text that can be a word of a command line or a line of a file. */
const line = (expected: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  text(expected, /^[^\x00\r\n]+$/);

const reference = 'an image such as nginx:1.27 or registry.example:5000/web@sha256:…';

/** Containers that run from the boot on, and images that come with the release. */
export const containers = {
  containers: key(
    map(
      containerName(),
      fields({
        image: required(
          text(reference, IMAGE_REFERENCE),
          'its image; one that `images` lack is pulled at boot',
        ),
        ports: key(
          treated(list(line('a port such as 8080:80'), 'a list of ports such as 8080:80'), { one: [] }),
          'published ports, [ADDRESS:]PORT:PORT[/udp], or ranges of the same length such as 8000-8010:8000-8010',
          [],
        ),
        volumes: key(
          treated(list(line('a volume such as /srv/web:/data:ro'), 'a list of volumes'), { one: [] }),
          'SOURCE:PATH[:OPTIONS]: a folder or file of the machine, or the name of a volume of Docker, and where the container sees it',
          [],
        ),
        environment: key(
          map(
            text('the name of a variable', /^[A-Za-z_][A-Za-z0-9_.-]*$/),
            treated(
              either(
                'a text of one line, a number, true or false',
                // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
                text('a text of one line', /^[^\x00\r\n]*$/),
                whole('a number', Number.MIN_SAFE_INTEGER),
                yesNo(),
              ),
              { verbatim: true },
            ),
            'a map of variables',
          ),
          'variables of its environment',
          {},
        ),
        env_file: key(paths('a file', 'file'), 'files with a NAME=VALUE a line; `environment` wins', []),
        secrets: key(
          map(
            text('a name of letters, digits, ., _ and -', new RegExp(`^${NAME}$`)),
            treated(text('a text of at least 8 characters', /^[\s\S]{8,}$/), { secret: true }),
            'a map of names to texts',
          ),
          `texts, best as $\{secret:NAME}, that the container finds in /run/secrets/NAME, a file with mode 600 in memory; it belongs to the key user if that is a number`,
          {},
        ),
        networks: key(
          treated(list(text('the name of a network', new RegExp(`^${NAME}$`)), 'a list of networks'), {
            one: [],
          }),
          'networks that it is in, made if there are none of that name; in them containers find each other by name; default: bridge',
          [],
        ),
        command: key(
          list(
            // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is refused
            text('a word', /^[^\x00]*$/),
            'a list of words',
          ),
          "the words of its command, in place of the image's",
          [],
        ),
        restart: key(
          treated(choice('always', 'on-failure', 'no'), {
            slips: { 'unless-stopped': 'always', never: 'no', false: 'no' },
          }),
          'when systemd starts it again, 5 s after it ended',
          'always',
        ),
        user: key(
          text(
            'a user or user:group, names or numbers',
            /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/,
          ),
          "user and group that it runs as; default: the image's",
        ),
        memory: key(size(), 'the most memory that it gets'),
        read_only: key(yesNo(), 'whether its root is read-only', false),
        depends_on: key(
          treated(list(containerName(), 'a list of containers'), { one: [] }),
          'containers that are to run before it is started',
          [],
        ),
      }),
      'a map of containers',
    ),
    'containers that the machine runs, each by a unit dock0-container-NAME.service; one whose definition or image changed is replaced',
    {},
  ),
  compose: key(
    treated(text('a file'), { path: 'file' }),
    'file of Docker Compose, whose services start at boot, as the project `dock0`; `packages` have to bring Compose (Debian, Arch: docker-compose)',
  ),
  images: key(
    treated(
      list(
        treated(
          text('an image such as nginx:1.27, or a path such as ./web.tar', /^([.~/].*|[A-Za-z0-9[]\S*)$/),
          {
            path: 'any',
            except: /^(?![.~/])/,
          },
        ),
        'a list of images and paths',
      ),
      { one: [] },
    ),
    'images that the release brings along, in a layer of their own, and Docker gets at the first boot: references, which skopeo pulls, archives of `docker save`, and folders in the layout of OCI',
    [],
  ),
};
