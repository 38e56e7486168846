package io.dvflow.activities;

import io.dvflow.activities.claim.ClusterSettings;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.NodePlacement;
import io.dvflow.api.v1beta1.StorageProfile;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A cluster's settings, put together by a test. */
public final class FakeSettings implements ClusterSettings {

    private final List<StorageClass> classes = new ArrayList<>();
    private final Set<String> csiDrivers = new HashSet<>();
    private Optional<CDIConfig> config = Optional.empty();
    private Optional<String> vddkLibraryImage = Optional.empty();
    private int forgotten;

    public FakeSettings storageClass(String name, String bindingMode) {
        classes.add(new StorageClassBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .withProvisioner("csi." + name)
                .withVolumeBindingMode(bindingMode)
                .build());
        return this;
    }

    public FakeSettings storageClass(StorageClass made) {
        classes.add(made);
        return this;
    }

    public FakeSettings csiDriverOf(String storageClass) {
        csiDrivers.add("csi." + storageClass);
        return this;
    }

    public FakeSettings config(CDIConfig value) {
        config = Optional.of(value);
        return this;
    }

    public FakeSettings vddkLibraryImage(String image) {
        vddkLibraryImage = Optional.of(image);
        return this;
    }

    public int forgotten() {
        return forgotten;
    }

    @Override
    public List<StorageClass> storageClasses() {
        return classes;
    }

    @Override
    public Optional<StorageClass> storageClass(String name) {
        return classes.stream()
                .filter(each -> each.getMetadata().getName().equals(name))
                .findFirst();
    }

    @Override
    public Optional<StorageProfile> storageProfile(String storageClass) {
        return Optional.empty();
    }

    @Override
    public boolean isCsiDriver(String provisioner) {
        return csiDrivers.contains(provisioner);
    }

    @Override
    public Optional<CDIConfig> config() {
        return config;
    }

    @Override
    public Optional<NodePlacement> workloadPlacement() {
        return Optional.empty();
    }

    @Override
    public Optional<String> vddkLibraryImage() {
        return vddkLibraryImage;
    }

    @Override
    public Optional<Map<String, String>> ownConfigMap(String name) {
        return Optional.empty();
    }

    @Override
    public Map<String, String> configMap(String namespace, String name) {
        return Map.of();
    }

    @Override
    public void forget() {
        forgotten++;
    }
}
