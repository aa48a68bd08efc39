// Starts `cnnspec lsp` for YAML files; all that is shown comes from there.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const [command, ...args] = vscode.workspace.getConfiguration("cnnspec").get("command");
  const server = { command, args };
  const options = { documentSelector: [{ language: "yaml", scheme: "file" }, { language: "yaml", scheme: "untitled" }] };
  client = new LanguageClient("cnnspec", "cnnspec", server, options);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const step = 'Is it installed? pip install "cnnspec[lsp]", or set cnnspec.command.';
    vscode.window.showErrorMessage(`cnnspec: \`${[command, ...args].join(" ")}\` does not start. ${step}`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand("cnnspec.restart", async () => {
      await stop();
      await start();
    }),
  );
  await start();
};

exports.deactivate = stop;
