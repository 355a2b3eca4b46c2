// What LSP4IJ makes of an inline completion, with the library that it speaks LSP with: no IDE, no plugin.
//
//     java -cp 'FOLDER OF LSP4J/*' Lsp4ij.java SERVER FILE LINE COLUMN
//
// Prints the line as it is once the suggestion is accepted; LINE and COLUMN count from 0.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.lsp4j.*;
import org.eclipse.lsp4j.launch.LSPLauncher;
import org.eclipse.lsp4j.services.LanguageClient;
import org.eclipse.lsp4j.services.LanguageServer;

class Lsp4ij {
    static final int ROUNDS = 40;

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[1]);
        Position cursor = new Position(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        String line = Files.readString(file).split("\n", -1)[cursor.getLine()];
        Process process = new ProcessBuilder(arguments[0])
            .directory(file.getParent().toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        var launcher = LSPLauncher.createClientLauncher(new Ide(), process.getInputStream(), process.getOutputStream());
        launcher.startListening();
        LanguageServer server = launcher.getRemoteProxy();
        initialize(server, file);
        InlineCompletionItem item = ask(server, file, cursor);
        System.out.println(accepted(line, cursor.getCharacter(), item));
        server.shutdown().get(10, TimeUnit.SECONDS);
        server.exit();
        System.exit(process.waitFor());
    }

    static void initialize(LanguageServer server, Path file) throws Exception {
        InitializeParams params = new InitializeParams();
        params.setProcessId((int) ProcessHandle.current().pid());
        params.setClientInfo(new ClientInfo("PyCharm 2026.1", "PyCharm (build PY-261.23892.409)"));
        params.setWorkspaceFolders(List.of(new WorkspaceFolder(file.getParent().toUri().toString(), "work")));
        var document = new TextDocumentClientCapabilities();
        document.setInlineCompletion(new InlineCompletionCapabilities());
        var workspace = new WorkspaceClientCapabilities();
        workspace.setConfiguration(true);
        workspace.setDidChangeConfiguration(new DidChangeConfigurationCapabilities(true));
        params.setCapabilities(new ClientCapabilities(workspace, document, null));
        server.initialize(params).get(20, TimeUnit.SECONDS);
        server.initialized(new InitializedParams());
        var opened = new TextDocumentItem(file.toUri().toString(), "python", 1, Files.readString(file));
        server.getTextDocumentService().didOpen(new DidOpenTextDocumentParams(opened));
    }

    /** A server that has only just begun may have nothing to say yet. */
    static InlineCompletionItem ask(LanguageServer server, Path file, Position cursor) throws Exception {
        var document = new TextDocumentIdentifier(file.toUri().toString());
        var context = new InlineCompletionContext(InlineCompletionTriggerKind.Automatic);
        for (int round = 0; round < ROUNDS; round++) {
            InlineCompletionParams params = new InlineCompletionParams();
            params.setTextDocument(document);
            params.setPosition(cursor);
            params.setContext(context);
            var answer = server.getTextDocumentService().inlineCompletion(params).get(20, TimeUnit.SECONDS);
            if (answer != null) {
                var items = answer.isLeft() ? answer.getLeft() : answer.getRight().getItems();
                if (!items.isEmpty()) {
                    return items.get(0);
                }
            }
            Thread.sleep(250);
        }
        throw new AssertionError("no suggestion");
    }

    /**
     * What LSP4IJ would replace, it hands to the IDE first, and the suggestion behind it; the IDE inserts both, and
     * then deletes as much as was to be replaced.
     */
    static String accepted(String line, int column, InlineCompletionItem item) {
        String text = item.getInsertText().getLeft().substring(column - item.getRange().getStart().getCharacter());
        int end = item.getRange().getEnd().getCharacter();
        return line.substring(0, column) + line.substring(column, end) + text + line.substring(end);
    }

    static class Ide implements LanguageClient {
        public void telemetryEvent(Object event) {}

        public void publishDiagnostics(PublishDiagnosticsParams diagnostics) {}

        public void showMessage(MessageParams message) {}

        public void logMessage(MessageParams message) {}

        public CompletableFuture<MessageActionItem> showMessageRequest(ShowMessageRequestParams request) {
            return CompletableFuture.completedFuture(null);
        }

        public CompletableFuture<Void> registerCapability(RegistrationParams registrations) {
            return CompletableFuture.completedFuture(null);
        }

        public CompletableFuture<List<Object>> configuration(ConfigurationParams asked) {
            return CompletableFuture.completedFuture(Collections.nCopies(asked.getItems().size(), null));
        }
    }
}
