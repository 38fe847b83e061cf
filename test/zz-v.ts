import { verifyRelease } from '/work/main/lib/boot/verify';
const config: any = { verify: { memory: '1G', timeout: 300, cpus: 2 }, volumes: { docker: { label: 'docker', path: '/var/lib/docker', type: 'ext4', options: ['rw'] } }, install: { cow: 'tmpfs', label: 'dock0' }, docker: { enabled: true } };
verifyRelease({ release: '/tmp/boot-work/rel', config, cache: '/tmp/boot-work/cache', signal: new AbortController().signal, log: (l) => console.log(l) }).then(() => console.log('PASSED'), (e) => { console.log(String(e), e.stack); });
