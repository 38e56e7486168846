package io.dvflow.api.crd;

/** Rules on the content type, which DataVolume and VolumeImportSource share. */
final class ContentTypeRules {
    private ContentTypeRules() {}

    // Not an enum of the schema: its message is not the one clients know, and the empty string means the default.
    static void refine(Schema spec) {
        spec.at("contentType").defaultsTo("kubevirt");
        spec.rule(
                "!has(self.contentType) || self.contentType in ['', 'kubevirt', 'archive']",
                "ContentType not one of: kubevirt, archive");
        spec.rule(
                "!self.?source.?blank.hasValue() || !has(self.contentType) || self.contentType != 'archive'",
                "SourceType cannot be blank and the contentType be archive");
        spec.rule(
                "!self.?source.?registry.hasValue() || !has(self.contentType) || self.contentType in ['', 'kubevirt']",
                "ContentType must be kubevirt when Source is Registry");
    }
}
