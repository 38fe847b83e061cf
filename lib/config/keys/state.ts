import { choice, either, fields, key, list, required, rootPath, section, text, treated } from './kinds';

/** What makes a machine that machine. */
export const state = {
  state: section('What makes a machine that machine: it outlives reboots and releases', {
    volume: key(
      text('auto, none or the name of a volume', /^[a-z0-9][a-z0-9_-]*$/),
      "the one of `volumes` that holds it, in the folder .dock0-state; auto is the one of Docker's data, if there is one",
      'auto',
    ),
    ssh_host_keys: key(
      treated(
        list(
          treated(text('a private key, as a secret: $'.concat('{secret:NAME}')), { secret: true }),
          'a list of private keys',
        ),
        { one: [] },
      ),
      "SSH host keys of the machine's own, one of a type, in OpenSSH's format: a machine with an empty state is known by them, too. They are in the layer of the host, readable by root only",
      [],
    ),
    paths: key(
      treated(
        list(
          either(
            'an absolute path in the image, or a map with path',
            rootPath(),
            fields({
              path: required(rootPath(), 'the path in the image'),
              mode: key(
                text("an octal mode in quotes, such as '0700'", /^[0-7]{3,4}$/),
                'its mode; default: that of the image, or 0755 for a folder and 0644 for a file',
              ),
              kind: key(choice('folder', 'file'), 'what it is where the image has nothing there', 'folder'),
            }),
          ),
          'a list of paths in the image',
        ),
        { one: [] },
      ),
      'folders and files that are kept besides machine-id, the SSH host keys and /var/lib/systemd; what the image has there is copied at the first boot',
      [],
    ),
  }),
};
