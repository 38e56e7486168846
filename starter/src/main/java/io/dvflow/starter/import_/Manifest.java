package io.dvflow.starter.import_;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import io.dvflow.api.v1beta1.CdiApi;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.CommandFailure;
import io.dvflow.starter.Exit;
import io.dvflow.starter.output.Documents;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A DataVolume as a file says it, with every member it has, known to us or not. */
final class Manifest {
    private static final Path STANDARD_INPUT = Path.of("-");

    private Manifest() {}

    /** @param file name of the file, or {@code -} for standard input */
    static GenericKubernetesResource read(Path file, InputStream standardInput) {
        try (InputStream in = file.equals(STANDARD_INPUT) ? standardInput : Files.newInputStream(file)) {
            return theOnlyDataVolume(file, documents(in));
        } catch (NoSuchFileException e) {
            throw new CommandFailure(Exit.USAGE, "There is no file " + file + ".", e);
        } catch (JsonProcessingException e) {
            throw new CommandFailure(
                    Exit.USAGE,
                    file + " is neither valid YAML nor JSON: " + firstLine(e.getOriginalMessage()) + where(e),
                    e);
        } catch (IOException e) {
            throw new CommandFailure(Exit.USAGE, "Cannot read " + file + ": " + e.getMessage() + ".", e);
        }
    }

    static GenericKubernetesResource of(DataVolume dataVolume) {
        return Documents.json().convertValue(dataVolume, GenericKubernetesResource.class);
    }

    /** Puts the object into the namespace the command works in, unless it says another. */
    static GenericKubernetesResource within(String namespace, GenericKubernetesResource manifest, Path file) {
        ObjectMeta metadata = manifest.getMetadata();
        if (metadata.getNamespace() == null) {
            metadata.setNamespace(namespace);
        }
        if (!metadata.getNamespace().equals(namespace)) {
            throw new CommandFailure(
                    Exit.USAGE,
                    file + " is for namespace '" + metadata.getNamespace() + "', the command for namespace '"
                            + namespace + "'. Choose it with -n " + metadata.getNamespace() + ".");
        }
        return manifest;
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }

    private static String where(JsonProcessingException e) {
        JsonLocation location = e.getLocation();
        return location == null ? "." : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ").";
    }

    private static List<JsonNode> documents(InputStream in) throws IOException {
        var mapper = Documents.yaml();
        try (MappingIterator<JsonNode> documents =
                mapper.readerFor(JsonNode.class).readValues(in)) {
            return documents.readAll().stream()
                    .filter(document -> !document.isNull() && !document.isMissingNode())
                    .toList();
        }
    }

    private static GenericKubernetesResource theOnlyDataVolume(Path file, List<JsonNode> documents) {
        if (documents.size() != 1) {
            throw new CommandFailure(
                    Exit.USAGE,
                    file + " has " + documents.size() + " documents; expected one DataVolume. For several objects use "
                            + "'kubectl apply', and follow each with 'watch'.");
        }
        JsonNode document = documents.getFirst();
        String kind = document.path("apiVersion").asText("") + " "
                + document.path("kind").asText("");
        if (!kind.equals(CdiApi.API_VERSION + " DataVolume")) {
            throw new CommandFailure(
                    Exit.USAGE,
                    file + " holds '" + kind.strip() + "'; expected '" + CdiApi.API_VERSION + " DataVolume'.");
        }
        var manifest = Documents.json().convertValue(document, GenericKubernetesResource.class);
        ObjectMeta metadata = manifest.getMetadata();
        if (metadata == null || (metadata.getName() == null && metadata.getGenerateName() == null)) {
            throw new CommandFailure(Exit.USAGE, file + " gives the DataVolume no metadata.name.");
        }
        return manifest;
    }
}
