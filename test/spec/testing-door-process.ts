/** A process that forgets to close what it deployed. */
import { type Class, OnMessage, ServerEndpoint } from '../../src/index.js';
import { deploy } from '../../src/testing.js';

let unhandled = 0;
process.on('unhandledRejection', () => unhandled++);

@ServerEndpoint('/echo')
class Echo {
  @OnMessage text(text: string): string {
    return text;
  }
}

@ServerEndpoint('/busy')
class Busy {
  @OnMessage text(_text: string): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 2300));
  }
}

deploy(class Undecorated {} as Class);
const peer = await deploy(Echo).connect('/echo');
await peer.send('hello');
console.log(await peer.text());
void peer.send('and on');
void peer.close().then(() => deploy(Echo).connect('/echo'));
const lost = await deploy(Echo).connect('/echo');
lost.terminate();
void lost.send('in vain');
const busy = await deploy(Busy).connect('/busy');
await busy.send('work');
void busy.close(); // which fails after two seconds
process.on('exit', () => console.log(JSON.stringify({ unhandled })));
