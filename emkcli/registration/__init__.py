"""What a person says of themselves when they register: the person file, the identifiers, the pictures to upload."""
